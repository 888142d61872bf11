import { requestContext, type RequestContext } from '@virtkit/core';

/** The one who owns the instance. Each call is a request of its own. */
export function tenant(): RequestContext {
  return requestContext({ projectId: 'shop', userId: 'alice' });
}

/** The one who looks after the host. */
export function operator(): RequestContext {
  return requestContext({ projectId: 'operations', userId: 'olga', role: 'admin' });
}
