import { ComputeError, type CallOptions, type Clock } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { NewNotification } from '../model/notification.js';
import type { RequestContext } from '../model/request-context.js';
import { tenantInstance, type TenantInstance } from '../model/tenant-instance.js';
import type { Records } from '../records/records.js';
import type { Access } from '../requests/access.js';
import { text } from '../requests/fields.js';
import { readVisible } from '../requests/read-visible.js';

export interface InstanceLockParts {
  /** Who publishes what a request itself changes. */
  readonly host: string;
  readonly access: Access;
  readonly records: Records;
  readonly clock: Clock;
}

/** Why an instance is locked, for whoever is refused. */
export interface LockRequest {
  /** At most 255 characters. */
  readonly reason?: string;
}

export const lockSchema = knownFields({ reason: text(255).optional() }, 'an object with a reason, or without');

/**
 * Locks keep tenants from changing an instance by a slip. What an administrator has locked only an administrator unlocks; that of its owner
 * both do.
 */
export class InstanceLock {
  readonly #parts: InstanceLockParts;

  constructor(parts: InstanceLockParts) {
    this.#parts = parts;
  }

  async lock(
    context: RequestContext,
    instanceUuid: string,
    { reason = null }: { readonly reason?: string | null },
    options?: CallOptions,
  ): Promise<TenantInstance> {
    const instance = await this.#changeable(context, instanceUuid, 'lock', options);
    // The stronger lock is kept as it is.
    const passesLocks = this.#parts.access.allows(context, 'pass locks');
    if (!passesLocks && instance.locked === 'by-admin') return tenantInstance(instance);
    const locked = passesLocks ? 'by-admin' : 'by-owner';
    return await this.#change(context, instance, 'lock', { locked, lockedReason: reason }, options);
  }

  async unlock(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<TenantInstance> {
    const instance = await this.#changeable(context, instanceUuid, 'unlock', options);
    if (instance.locked === 'unlocked') return tenantInstance(instance);
    if (instance.locked === 'by-admin' && !this.#parts.access.allows(context, 'pass locks')) {
      throw new ComputeError('INSTANCE_LOCKED', { instanceUuid, operation: 'unlock' });
    }
    return await this.#change(context, instance, 'unlock', { locked: 'unlocked', lockedReason: null }, options);
  }

  async #changeable(
    context: RequestContext,
    instanceUuid: string,
    verb: 'lock' | 'unlock',
    options?: CallOptions,
  ): Promise<Instance> {
    const instance = await readVisible(this.#parts, context, instanceUuid, options);
    this.#parts.access.require(context, 'change instances', verb, { instance });
    if (instance.vmState !== 'deleted') return instance;
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }

  async #change(
    context: RequestContext,
    instance: Instance,
    verb: 'lock' | 'unlock',
    patch: Pick<Instance, 'locked' | 'lockedReason'>,
    options?: CallOptions,
  ): Promise<TenantInstance> {
    const { host, records, clock } = this.#parts;
    const { uuid, vmState, taskState, locked } = instance;
    const notification: NewNotification = {
      id: newRecordUuid(),
      eventType: `instance.${verb}`,
      priority: 'INFO',
      publisher: `compute:${host}`,
      instanceUuid: uuid,
      requestId: context.requestId,
      occurredAtMs: clock.now(),
      payload: { vmState, taskState },
      operator: null,
    };
    // An administrator may have locked it since it was read.
    const writes = [
      { write: 'update-instance', uuid, patch, guard: { locked: [locked] } },
      { write: 'append-notification', notification },
    ] as const;
    const changed = (await records.commit(writes, options)).get(uuid);
    return tenantInstance(changed ?? { ...instance, ...patch });
  }
}
