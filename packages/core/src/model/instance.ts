import { entity, type InstanceRef } from '@virtkit/decorators';
import type { InstanceSpec, PowerState } from '../driver/index.js';
import type { TaskState } from './task-state.js';
import type { VmState } from './vm-state.js';

/**
 * An instance as its record says. A value: it never changes under its holder. `store.commit` answers with the next one;
 * whoever needs the present state reads it.
 */
export interface Instance extends InstanceRef, InstanceSpec {
  /** The host whose manager looks after it, or did so when it was deleted; `null` when it is on none. */
  readonly host: string | null;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  /** Who set the task state: an action's uuid, or a request id. `null` exactly when `taskState` is. */
  readonly taskOwner: string | null;
  /** What the hypervisor last said. */
  readonly powerState: PowerState;
  readonly locked: 'unlocked' | 'by-owner' | 'by-admin';
  /** Milliseconds since the epoch, like every `…AtMs`. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it first ran; `null` until then. */
  readonly launchedAtMs: number | null;
  readonly terminatedAtMs: number | null;
  /** Counts the record's changes, from 1. */
  readonly revision: number;
}

/** What a change may name. The identity, the counters and the spec of an instance are not among it. */
export type InstancePatch = Partial<
  Pick<
    Instance,
    'host' | 'vmState' | 'taskState' | 'taskOwner' | 'powerState' | 'locked' | 'launchedAtMs' | 'terminatedAtMs'
  >
>;

export type NewInstance = InstanceSpec & Pick<Instance, 'host' | 'taskState' | 'taskOwner'>;

/** Every field of an instance, as a store keeps them: without the brand that makes it an instance in this process. */
export type InstanceFields = Omit<Instance, typeof entity>;

/** An instance from its fields, for stores that have kept them elsewhere. */
export function instanceFromFields(fields: InstanceFields): Instance {
  return Object.freeze({ ...fields, [entity]: 'instance' as const });
}

/** The first revision of an instance. */
export function newInstance(fields: NewInstance, nowMs: number): Instance {
  return instanceFromFields({
    ...fields,
    vmState: 'building',
    powerState: 'NOSTATE',
    locked: 'unlocked',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    launchedAtMs: null,
    terminatedAtMs: null,
    revision: 1,
  });
}

/** The next revision of an instance. */
export function nextInstance(instance: Instance, patch: InstancePatch, nowMs: number): Instance {
  return Object.freeze({ ...instance, ...patch, updatedAtMs: nowMs, revision: instance.revision + 1 });
}

/** What a driver may know of an instance, and no more. */
export function specOf(instance: Instance): InstanceSpec {
  const { uuid, name, projectId, userId, flavor, image, networkInterfaces, blockDevices, metadata } = instance;
  return { uuid, name, projectId, userId, flavor, image, networkInterfaces, blockDevices, metadata };
}
