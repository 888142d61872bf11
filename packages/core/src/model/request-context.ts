import { entity, type ContextRef } from '@virtkit/decorators';
import { ComputeError, isList, printed } from '../driver/index.js';
import type { InstanceAction } from './instance-action.js';
import { newRecordUuid } from './new-record-uuid.js';
import { isRole, roles, type Role } from './role.js';

/** Who asks, and in which request. Every method of the manager and its API takes one first. */
export interface RequestContext extends ContextRef {
  readonly projectId: string;
  readonly userId: string;
  /** What the caller may do: see `AccessPolicy`. */
  readonly role: Role;
  /** The accepted action this call works for; left out when the manager is called directly. */
  readonly actionUuid?: string;
}

export type RequestContextFields = Omit<RequestContext, typeof entity | 'requestId' | 'role'> &
  Partial<Pick<RequestContext, 'requestId'>> & { readonly role?: Role | undefined };

/**
 * Makes a context. Without a `requestId` it gets a new one in Nova's form, `req-<uuid>`. Without a `role`, or with `undefined`, it is a
 * tenant's.
 * @throws ComputeError `INVALID_INPUT` for a `projectId`, `userId`, `requestId` or `actionUuid` that is not 1 to 255 characters, and for every
 * other role than those that are known
 */
export function requestContext(fields: RequestContextFields): RequestContext {
  const { projectId, userId, requestId, role = 'tenant', actionUuid } = fieldsOf(fields);
  const made: RequestContext = Object.freeze({
    role: checkedRole(role),
    requestId: requestId === undefined ? `req-${newRecordUuid()}` : checkedName('requestId', requestId),
    projectId: checkedName('projectId', projectId),
    userId: checkedName('userId', userId),
    ...(actionUuid !== undefined && { actionUuid: checkedName('actionUuid', actionUuid) }),
    [entity]: 'context' as const,
  });
  known.add(made);
  return made;
}

/**
 * The context of a call from outside, checked. A context that {@link requestContext} made is itself; one that was made by hand is made anew
 * of the same fields, so that nobody changes it while the call lasts. @throws ComputeError `INVALID_INPUT`
 */
export function checkedContext(context: unknown): RequestContext {
  return typeof context === 'object' && context !== null && known.has(context)
    ? (context as RequestContext)
    : requestContext(context as RequestContextFields);
}

/** The name under which a call holds an instance's task state. */
export function taskOwnerOf(context: RequestContext): string {
  return context.actionUuid ?? context.requestId;
}

/** The context in which an action was requested, for a process that did not hear the request. */
export function contextOfAction({ uuid, requestId, projectId, userId }: InstanceAction): RequestContext {
  return requestContext({ projectId, userId, requestId, actionUuid: uuid, role: 'service' });
}

/** The name of what a call reserves: an action's uuid, so that an action that is done again means the same reservation. */
export function reservationOf({ actionUuid }: RequestContext): string {
  return actionUuid ?? newRecordUuid();
}

/** Contexts that were checked when they were made. They are frozen. */
const known = new WeakSet<object>();

const NAME_CHARACTERS_MAX = 255;
const fieldNames = ['projectId', 'userId', 'requestId', 'role', 'actionUuid'] as const;
type Fields = Readonly<Partial<Record<(typeof fieldNames)[number], unknown>>>;

/** Each field is read once. */
function fieldsOf(context: unknown): Fields {
  if (typeof context !== 'object' || context === null || isList(context)) {
    throw refusal('context', context, 'a context made by requestContext');
  }
  try {
    return Object.fromEntries(fieldNames.map((name) => [name, (context as Fields)[name]]));
  } catch {
    throw new ComputeError('INVALID_INPUT', {
      field: 'context',
      value: 'an object that cannot be read',
      accepted: 'a context made by requestContext',
    });
  }
}

function checkedRole(role: unknown): Role {
  if (!isRole(role)) throw refusal('context.role', role, roles.join(', '));
  return role;
}

function checkedName(field: keyof Fields, value: unknown): string {
  if (typeof value === 'string' && value.length >= 1 && value.length <= NAME_CHARACTERS_MAX) return value;
  throw refusal(`context.${field}`, value, `1 to ${NAME_CHARACTERS_MAX} characters`);
}

function refusal(field: string, value: unknown, accepted: string): ComputeError {
  return new ComputeError('INVALID_INPUT', { field, value: printed(value), accepted });
}
