import type { GuestName } from '@virtkit/core/driver';
import type { GuestView } from '../hypervisor/guest-view.js';

/**
 * Which generation is there: that of the guest, `null` for one without; without a guest that of the disks that are left. `undefined` where
 * nothing tells it.
 */
export function generationOf({ guest, disks, kept = [], arrived = [] }: GuestView): string | null | undefined {
  if (guest !== undefined) return guest.definition.generation ?? null;
  return [...disks, ...kept, ...arrived].find(({ madeFor }) => madeFor !== undefined)?.madeFor;
}

/**
 * Whether the guest is of another generation than the one that is named. A guest from before generations answers to every name: the next
 * start from a spec gives it one.
 */
export function isGuestOfAnother({ guest }: GuestView, { generation = null }: GuestName): boolean {
  const found = guest?.definition.generation ?? null;
  return found !== null && found !== generation;
}

/** Whether what is there is another generation's, also what is left of a guest. Where nothing tells, it is not. */
export function isOfAnother(view: GuestView, generation: string | null | undefined): boolean {
  const found = generationOf(view);
  return found !== undefined && found !== (generation ?? null);
}
