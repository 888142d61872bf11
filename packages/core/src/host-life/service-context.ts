import type { Instance } from '../model/instance.js';
import { requestContext, type RequestContext } from '../model/request-context.js';

/** The compute service itself, about an instance: what it asks for stands among the actions of the instance's project. */
export function serviceContext({ projectId, userId }: Instance): RequestContext {
  return requestContext({ projectId, userId, role: 'service' });
}
