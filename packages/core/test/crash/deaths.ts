import type { CrashCase } from './crash-case.js';
import type { CrashPoint, Death } from './crash-watch.js';

/**
 * What is so after one point is so before the next one, but for what was told to somebody in between. So the two moments take turns when
 * there is little time, at each point of what every embedder uses, and every few points of the rest; of a recovery at one.
 * `VIRTKIT_CRASH_POINTS=operations` takes both moments of every point of every operation, with either host of a move dead, and both; `all`
 * takes every point of the recoveries too, where the hosts of a move take turns.
 */
const wanted = process.env['VIRTKIT_CRASH_POINTS'];
const takesRecoveries = wanted === 'all';
const takesOperations = takesRecoveries || wanted === 'operations';

export const sampling = { timeoutMs: takesOperations ? 3_600_000 : 600_000 } as const;

/** Where the managers of a case die. */
export function deathsAt(pointCount: number, { everyNth, victims }: CrashCase): readonly Death[] {
  const after = moments(pointCount, 'after');
  const before = moments(pointCount, 'before');
  if (takesOperations)
    return victims.flatMap((hosts) => [...before, ...after].map((point) => ({ ...point, victims: hosts })));
  // The last one of each few, so that the first commits, which are the same everywhere, are not what is looked at.
  const last = after.filter(({ nth }) => nth % everyNth === 0);
  const inTurn = last.map((point, index) => (index % 2 === 0 ? point : { ...point, when: 'before' as const }));
  const points = [...(everyNth === 1 ? before.slice(0, 1) : []), ...inTurn];
  return points.map((point, index) => ({ ...point, victims: victims[index % victims.length] ?? [] }));
}

/** Where those die again that recover from a death. */
export function deathsInRecovery(pointCount: number, death: Death, { victims }: CrashCase): readonly Death[] {
  const { nth, when } = death;
  const after = moments(pointCount, 'after').map((point) => ({ ...point, victims: death.victims }));
  if (takesRecoveries) return when === 'after' && death.victims === victims[nth % victims.length] ? after : [];
  if (takesOperations) return [];
  return nth % 8 === 0 ? after.slice(nth % after.length).slice(0, 1) : [];
}

function moments(count: number, when: CrashPoint['when']): readonly CrashPoint[] {
  return Array.from({ length: count }, (_, index) => ({ nth: index + 1, when }));
}
