/** Calls the method that a path of names leads to. */
export function callPath(owner: unknown, [name = '', ...rest]: readonly string[], args: readonly unknown[]): unknown {
  const member: unknown = Reflect.get(owner as object, name);
  if (rest.length > 0) return callPath(member, rest, args);
  return (member as (...args: readonly unknown[]) => unknown).apply(owner, [...args]);
}
