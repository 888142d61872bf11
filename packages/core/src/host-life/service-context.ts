import type { Instance } from '../model/instance.js';
import { requestContext, type RequestContext } from '../model/request-context.js';

/** Who asks for what a policy has done. No user of a project did. */
const SERVICE_USER_ID = 'compute-service';

/** The compute service itself, about an instance: its requests stand among the actions of the instance's project, under a user of its own. */
export function serviceContext({ projectId }: Instance): RequestContext {
  return requestContext({ projectId, userId: SERVICE_USER_ID, role: 'service' });
}
