/** Whether every point is tried, and not only what finds most in little time: `VIRTKIT_FAULT_POINTS=all`. */
const takesAll = process.env['VIRTKIT_FAULT_POINTS'] === 'all';

/** Every one of them when there is time; else every `nth`, beginning with the first. */
export function swept<Item>(items: readonly Item[], nth: number): readonly Item[] {
  return takesAll ? items : items.filter((_, index) => index % nth === 0);
}
