import type { GuestView } from '../hypervisor/guest-view.js';

/**
 * Which generation is there: that of the guest, `null` for one without; without a guest that of the disks that are left. `undefined` where
 * nothing tells it.
 */
export function generationOf({ guest, disks, kept = [], arrived = [] }: GuestView): string | null | undefined {
  if (guest !== undefined) return guest.definition.generation ?? null;
  return [...disks, ...kept, ...arrived].find(({ madeFor }) => madeFor !== undefined)?.madeFor;
}

/** Whether what is there is another generation's. Where nothing tells, it is not. */
export function isOfAnother(view: GuestView, generation: string | null | undefined): boolean {
  const found = generationOf(view);
  return found !== undefined && found !== (generation ?? null);
}
