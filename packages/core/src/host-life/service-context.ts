import type { InstanceAction } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { requestContext, type RequestContext } from '../model/request-context.js';

/** The compute service itself, about an instance: what it asks for stands among the actions of the instance's project. */
export function serviceContext({ projectId, userId }: Instance): RequestContext {
  return requestContext({ projectId, userId, role: 'service' });
}

/** In the name of whoever asked for an action, for a process that did not hear it. */
export function contextOfAction({ uuid, requestId, projectId, userId }: InstanceAction): RequestContext {
  return requestContext({ projectId, userId, requestId, actionUuid: uuid, role: 'service' });
}
