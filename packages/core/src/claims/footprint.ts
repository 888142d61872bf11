import type { Flavor } from '../driver/index.js';
import type { Footprint } from '../model/footprint.js';
import type { Instance } from '../model/instance.js';
import { isOver, type Migration } from '../model/migration.js';

export const resources = ['vcpus', 'memoryMib', 'diskGib'] as const satisfies readonly (keyof Footprint)[];

/** Resources as a tenant reads of them. */
export const publicResources = { vcpus: 'vcpus', memoryMib: 'memory', diskGib: 'disk' } as const;

export const nothing: Footprint = { vcpus: 0, memoryMib: 0, diskGib: 0 };

export function footprintOf({ vcpus, memoryMib, rootDiskGib }: Flavor): Footprint {
  return { vcpus, memoryMib, diskGib: rootDiskGib };
}

/** Of each resource the more of two. */
export function larger(one: Footprint, other: Footprint): Footprint {
  return combined(one, other, Math.max);
}

export function combined(one: Footprint, other: Footprint, combine: (one: number, other: number) => number): Footprint {
  const entries = resources.map((resource) => [resource, combine(one[resource], other[resource])] as const);
  return Object.fromEntries(entries) as unknown as Footprint;
}

/**
 * What an instance takes of a host, by its record. One that waits to be built has claimed nothing yet, and one whose build has failed is not
 * there; of any other in `error` nobody knows that it takes nothing.
 */
export function footprintOfInstance(instance: Instance, host: string): Footprint {
  const { vmState, taskState, powerState, launchedAtMs } = instance;
  if (instance.host !== host) return nothing;
  if (vmState === 'deleted' || vmState === 'shelved_offloaded') return nothing;
  if (vmState === 'building' && (taskState === null || taskState === 'scheduling')) return nothing;
  if (vmState === 'error' && powerState === 'NOSTATE' && launchedAtMs === null) return nothing;
  return footprintOf(instance.flavor);
}

/** Whether a move has not begun yet, so that only a claim speaks for it. */
export function isClaiming({ status }: Pick<Migration, 'status'>): boolean {
  return status === 'accepted' || status === 'preparing';
}

/**
 * What a move takes of a host beside the instance itself, which its record counts where it is: at the destination what it is going
 * to have, until it is there; then at the source what it goes back to, until that is given up.
 */
export function footprintOfMigration(migration: Migration, host: string): Footprint {
  const { status, sourceHost, destinationHost, oldFlavor, newFlavor } = migration;
  if (isOver(migration) || isClaiming(migration)) return nothing;
  const hasArrived = status === 'finished' || status === 'confirming' || status === 'reverting';
  if (hasArrived) return sourceHost === host ? footprintOf(oldFlavor) : nothing;
  return destinationHost === host ? footprintOf(newFlavor) : nothing;
}
