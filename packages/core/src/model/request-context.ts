import { entity, type ContextRef } from '@virtkit/decorators';
import { newRecordUuid } from './new-record-uuid.js';

/** Who asks, and in which request. Every method of the manager and its API takes one first. */
export interface RequestContext extends ContextRef {
  readonly projectId: string;
  readonly userId: string;
  /** `service`: the compute service itself, as in recovery. `admin` sees every project's instances. */
  readonly role: 'tenant' | 'admin' | 'service';
  /** The accepted action this call works for; left out when the manager is called directly. */
  readonly actionUuid?: string;
}

export type RequestContextFields = Omit<RequestContext, typeof entity | 'requestId' | 'role'> &
  Partial<Pick<RequestContext, 'requestId' | 'role'>>;

/** Makes a context. Without a `requestId` it gets a new one in Nova's form, `req-<uuid>`; without a `role`, `tenant`. */
export function requestContext(fields: RequestContextFields): RequestContext {
  return Object.freeze({
    role: 'tenant' as const,
    requestId: `req-${newRecordUuid()}`,
    ...fields,
    [entity]: 'context' as const,
  });
}

/** The name under which a call holds an instance's task state. */
export function taskOwnerOf(context: RequestContext): string {
  return context.actionUuid ?? context.requestId;
}
