const given = new WeakMap<object, unknown>();

/** Keeps what a checked value was made from: its fields in the caller's order, without defaults. */
export function keepAsGiven(checked: unknown, value: unknown): void {
  if (typeof checked === 'object' && checked !== null) given.set(checked, value);
}

/** What the caller has sent that became this checked value; undefined for a value that no caller has sent. */
export function asGiven(checked: object): unknown {
  return given.get(checked);
}
