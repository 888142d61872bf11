import type { CrashCase } from './crash-case.js';
import type { CrashPoint, Death } from './crash-watch.js';

/**
 * Three moments at each point: before a request is sent though the fence has let it pass (`between`), when it is sent and has not arrived
 * (`before`), and when it is done and its answer has not come (`after`). A seeded sample of them, one for each operation and three for those
 * that every embedder uses; `VIRTKIT_PAUSE_POINTS=all` takes every moment of every point.
 */
const moments = ['between', 'before', 'after'] as const satisfies readonly CrashPoint['when'][];

const takesAll = process.env['VIRTKIT_PAUSE_POINTS'] === 'all';
export const seed = Number(process.env['VIRTKIT_PAUSE_SEED'] ?? Date.now() % 1_000_000);

export const pauseTimeoutMs = takesAll ? 3_600_000 : 300_000;

/** Where the managers of a case are paused. */
export function pausesAt(points: readonly string[], { name, everyNth, victims }: CrashCase): readonly Death[] {
  const all = points.flatMap((point, index) =>
    moments
      // What passes no fence is refused by the store.
      .filter((when) => when !== 'between' || point !== 'commit')
      .map((when) => ({ nth: index + 1, when })),
  );
  if (takesAll) return victims.flatMap((hosts) => all.map((point) => ({ ...point, victims: hosts })));
  const random = randomFrom(`${seed} ${name}`);
  const count = everyNth === 1 ? 2 : 1;
  return Array.from({ length: count }, () => ({
    ...(all[Math.floor(random() * all.length)] ?? { nth: 1, when: 'after' }),
    victims: victims[Math.floor(random() * victims.length)] ?? [],
  }));
}

/** Numbers from 0 to 1, the same for the same words. */
function randomFrom(words: string): () => number {
  let state = [...words].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
}
