export interface Contestant<Sample> {
  readonly name: string;
  /** Does its work once and answers what it took. */
  readonly round: () => Promise<Sample>;
}

export interface InterleavedOptions {
  readonly rounds: number;
  /** Rounds whose samples are thrown away, for compilers and caches to get warm. Default 1. */
  readonly warmUpRounds?: number;
}

/**
 * Lets the contestants take turns, each round beginning with another one, so that a machine that is busy for a while is busy
 * for all of them. Answers the samples by contestant, in the order the contestants were given.
 */
export async function interleaved<Sample>(
  contestants: readonly Contestant<Sample>[],
  { rounds, warmUpRounds = 1 }: InterleavedOptions,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map(contestants.map(({ name }) => [name, [] as Sample[]]));
  for (let nth = 0; nth < warmUpRounds + rounds; nth++) {
    const first = nth % contestants.length;
    for (const { name, round } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const sample = await round();
      if (nth >= warmUpRounds) samples.get(name)?.push(sample);
    }
  }
  return samples;
}
