/** More than any call's arguments hold; what is beyond is not looked at. */
const VALUES_MAX = 2_000;

/** Every text in a call's arguments, and the names in them: what its caller knows already. */
export function textsIn(args: readonly unknown[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const queue: unknown[] = [...args];
  for (let seen = 0; queue.length > 0 && seen < VALUES_MAX; seen++) {
    const value = queue.shift();
    if (typeof value === 'string') texts.add(value);
    else if (typeof value === 'object' && value !== null && !(value instanceof AbortSignal)) {
      queue.push(...(Object.values(value) as unknown[]).slice(0, VALUES_MAX));
    }
  }
  return texts;
}
