const carriers = new WeakSet<object>();

/** Notes on a failure that its operation had changed something, whether or not that was undone since. */
export function noteChange(failure: unknown): void {
  if (typeof failure === 'object' && failure !== null) carriers.add(failure);
}

/** Whether the failed operation had changed something. Then its effect is not `none`, whatever the failure says. */
export function hasChanged(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && carriers.has(failure);
}
