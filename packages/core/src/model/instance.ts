import { entity, type InstanceRef } from '@virtkit/decorators';
import type { InstanceSpec, PowerState } from '../driver/index.js';
import { deviceOf, isConnected, type InstanceBlockDevice } from './instance-block-device.js';
import type { PendingRelease } from './pending-release.js';
import type { TaskState } from './task-state.js';
import type { VmState } from './vm-state.js';

/**
 * An instance as its record says. A value: it never changes under its holder. `store.commit` answers with the next one;
 * whoever needs the present state reads it.
 */
export interface Instance extends InstanceRef, Omit<InstanceSpec, 'blockDevices'> {
  readonly blockDevices: readonly InstanceBlockDevice[];
  /** The host whose manager looks after it, or did so when it was deleted; `null` when it is on none. */
  readonly host: string | null;
  readonly vmState: VmState;
  /** Since when it is in that vm state: what an automatic unrescue, reclaim or offload waits for. */
  readonly vmStateSinceMs: number;
  readonly taskState: TaskState | null;
  /** Who set the task state: an action's uuid, or a request id. `null` exactly when `taskState` is. */
  readonly taskOwner: string | null;
  /** What the hypervisor last said. */
  readonly powerState: PowerState;
  readonly locked: 'unlocked' | 'by-owner' | 'by-admin';
  /** In the words of whoever locked it. */
  readonly lockedReason: string | null;
  /** The image its root disk was put into when it was shelved; `null` unless it is. */
  readonly shelvedImageId: string | null;
  /**
   * Made with the record and never changed: providers tell by it two instances of one uuid apart. Left out in records that were made before
   * there were any; such an instance has what providers keep without one.
   */
  readonly buildUuid?: string;
  /** What it still holds and must give back; left out or empty: nothing. Deleted instances have it too. */
  readonly pendingRelease?: readonly PendingRelease[];
  /** Milliseconds since the epoch, like every `…AtMs`. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it first ran; `null` until then. */
  readonly launchedAtMs: number | null;
  readonly terminatedAtMs: number | null;
  /** Counts the record's changes, from 1. */
  readonly revision: number;
}

/** What a change may name. The identity and the counters of an instance are not among it. */
export type InstancePatch = Partial<
  Pick<
    Instance,
    | 'host'
    | 'vmState'
    | 'taskState'
    | 'taskOwner'
    | 'powerState'
    | 'locked'
    | 'lockedReason'
    | 'shelvedImageId'
    | 'pendingRelease'
    | 'launchedAtMs'
    | 'terminatedAtMs'
    | 'flavor'
    | 'image'
    | 'generation'
    | 'networkInterfaces'
    | 'blockDevices'
  >
>;

export type NewInstance = InstanceSpec & Pick<Instance, 'host' | 'taskState' | 'taskOwner' | 'buildUuid'>;

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
    vmStateSinceMs: nowMs,
    powerState: 'NOSTATE',
    locked: 'unlocked',
    lockedReason: null,
    shelvedImageId: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    launchedAtMs: null,
    terminatedAtMs: null,
    revision: 1,
  });
}

/** The next revision of an instance. */
export function nextInstance(instance: Instance, patch: InstancePatch, nowMs: number): Instance {
  const isMoved = patch.vmState !== undefined && patch.vmState !== instance.vmState;
  const vmStateSinceMs = isMoved ? nowMs : instance.vmStateSinceMs;
  return Object.freeze({ ...instance, ...patch, vmStateSinceMs, updatedAtMs: nowMs, revision: instance.revision + 1 });
}

/** What a driver may know of an instance, and no more. */
export function specOf(instance: Instance): InstanceSpec {
  const { uuid, generation = null, name, projectId, userId, flavor, image, networkInterfaces, metadata } = instance;
  const blockDevices = instance.blockDevices.filter(isConnected).map(deviceOf);
  return { uuid, generation, name, projectId, userId, flavor, image, networkInterfaces, blockDevices, metadata };
}
