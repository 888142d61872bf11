import type { RequestContext } from './request-context.js';

/** The generation of a guest that is about to be spawned: the action that does it, or, of a direct call, a new uuid. */
export function newGeneration({ actionUuid }: RequestContext): string {
  return actionUuid ?? globalThis.crypto.randomUUID();
}
