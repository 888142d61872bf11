/** What is said of many measurements of one thing: the middle one, and where the middle half of them lies. */
export interface Spread {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/**
 * How many times the reference the values are, round by round: what slows a whole round down falls out, which it does not
 * from a ratio of medians.
 */
export function ratioOf(values: readonly number[], reference: readonly number[]): Spread {
  if (values.length !== reference.length) throw new RangeError('only rounds that both took part in can be compared');
  return spreadOf(values.map((value, round) => value / (reference[round] ?? Number.NaN)));
}

/** Between two values where the quantile falls between them. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return below + (above - below) * (at - Math.floor(at));
}
