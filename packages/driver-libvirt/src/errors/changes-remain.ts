const carriers = new WeakSet<object>();

/** Notes on a failure that something was changed which could not be undone. */
export function noteChangesRemain(failure: unknown): void {
  if (typeof failure === 'object' && failure !== null) carriers.add(failure);
}

/** Whether the failed operation has left something changed. Then its effect is not `none`, whatever the failure says. */
export function changesRemain(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && carriers.has(failure);
}
