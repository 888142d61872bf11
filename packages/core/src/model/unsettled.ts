const unsettled = new WeakSet<object>();

/** Says of a failure that nobody knows yet where it has left the instance: the record of its move stays open until both ends have told. */
export function leaveUnsettled(failure: unknown): void {
  if (typeof failure === 'object' && failure !== null) unsettled.add(failure);
}

export function isUnsettled(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && unsettled.has(failure);
}
