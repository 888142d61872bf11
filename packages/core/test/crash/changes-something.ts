/** Steps and calls that change nothing: to die at one is to die at the change before. */
const readings = /^(connect|open|close|cut|leaderChanged|list.*|read.*|check.*|get.*|.*Of)$/;

export function changesSomething(path: readonly string[]): boolean {
  return !readings.test(path.at(-1) ?? '');
}
