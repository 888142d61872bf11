/**
 * What an instance still holds and must give back, because its owner did not answer when it was to be given back. It stays reserved,
 * and the collector asks again until the owner has answered.
 */
export type PendingRelease = { readonly sinceMs: number } & (
  | { readonly kind: 'volume'; readonly volumeId: string; readonly reservationId: string }
  | { readonly kind: 'interfaces'; readonly reservationId: string }
  | { readonly kind: 'interface'; readonly interfaceId: string }
  | { readonly kind: 'image'; readonly imageId: string }
  /** A snapshot whose merge has begun. The volume cannot be connected, and the guest does not start, before it is over. */
  | { readonly kind: 'volume-snapshot'; readonly volumeId: string; readonly snapshotId: string }
  /**
   * What became of preempted actions: the operation that preempted them never began, or an owner could not tell whether one of their steps is
   * done. The steps are on record with their actions. The next operation of the instance, or the collector, settles them.
   */
  | { readonly kind: 'steps' }
);

/** Whether steps of ended actions wait to be settled. */
export function hasOpenSteps({
  pendingRelease = [],
}: {
  readonly pendingRelease?: readonly PendingRelease[];
}): boolean {
  return pendingRelease.some(({ kind }) => kind === 'steps');
}

/** Both lists, each entry once. */
export function withPending(
  known: readonly PendingRelease[] | undefined,
  more: readonly PendingRelease[],
): readonly PendingRelease[] {
  const all = [...(known ?? [])];
  for (const entry of more) if (!all.some((each) => isSameRelease(each, entry))) all.push(entry);
  return all;
}

/** Whether two entries name the same thing, since whenever they do. */
function isSameRelease(one: PendingRelease, other: PendingRelease): boolean {
  const key = ({ sinceMs: _, ...rest }: PendingRelease): string => JSON.stringify(Object.entries(rest).sort());
  return key(one) === key(other);
}
