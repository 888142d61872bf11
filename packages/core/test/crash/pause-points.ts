import type { CrashCase } from './crash-case.js';
import type { CrashPoint, CrashWatch, Death } from './crash-watch.js';

/** A moment of an operation, with the name of what is about to happen or has happened. */
export interface PausePlace extends CrashPoint {
  readonly name: string;
}

/** A manager stands still there. */
export type Pause = PausePlace & Death;

const takesAll = process.env['VIRTKIT_PAUSE_POINTS'] === 'all';
export const seed = Number(process.env['VIRTKIT_PAUSE_SEED'] ?? Date.now() % 1_000_000);

export const pauseTimeoutMs = takesAll ? 3_600_000 : 300_000;

/**
 * Three moments at each point: before a request is sent though the fence has let it pass (`between`), when it is sent and has not arrived
 * (`before`), and when it is done and its answer has not come (`after`). Commits pass no fence:
 * the store refuses them.
 */
export function placesOf({ points, passed }: Pick<CrashWatch, 'points' | 'passed'>): readonly PausePlace[] {
  return [
    ...passed.map((name, index) => ({ name, nth: index + 1, when: 'between' as const })),
    ...points.flatMap((name, index) => (['before', 'after'] as const).map((when) => ({ name, nth: index + 1, when }))),
  ];
}

/**
 * Where the managers of a case are paused: at a seeded sample of places, one for each operation and two for those that every embedder uses.
 * `VIRTKIT_PAUSE_POINTS=all` takes every place.
 */
export function pausesAt(places: readonly PausePlace[], { name, everyNth, victims }: CrashCase): readonly Pause[] {
  if (takesAll) return victims.flatMap((hosts) => places.map((place) => ({ ...place, victims: hosts })));
  const random = randomFrom(`${seed} ${name}`);
  const any = <Value>(values: readonly Value[]): readonly Value[] =>
    values.slice(Math.floor(random() * values.length)).slice(0, 1);
  const drawn = Array.from({ length: everyNth === 1 ? 2 : 1 }, () => any(places)).flat();
  return drawn.flatMap((place) => any(victims).map((hosts) => ({ ...place, victims: hosts })));
}

/** Numbers from 0 to 1, the same for the same words. */
function randomFrom(words: string): () => number {
  let state = [...words].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
}
