/** What the driver was asked for when it failed: to change something, or only to tell. */
export type AskedOfDriver = 'a change' | 'a question';

const failures = new WeakMap<object, AskedOfDriver>();

/** Remembers of a failure that it is a driver's. The first call that it is the failure of counts. */
export function noteDriverFailure(failure: unknown, asked: AskedOfDriver): void {
  if (typeof failure === 'object' && failure !== null && !failures.has(failure)) failures.set(failure, asked);
}

/** What the driver was asked for when it failed so; `undefined` when it is no driver's failure. */
export function askedOfDriver(failure: unknown): AskedOfDriver | undefined {
  return typeof failure === 'object' && failure !== null ? failures.get(failure) : undefined;
}
