import { setTimeout as sleep } from 'node:timers/promises';
import { isInTransit, placeOf, type GuestPlace, type Sighting, type ToldToRun } from './guest-place.js';
import type { MigrationEnd } from './migration-ends.js';

interface Patience {
  readonly settleTimeoutMs: number;
  readonly pollIntervalMs: number;
}

/** Looks at one end until what it says is final, or patience has run out. */
export async function lookUntil(
  end: Pick<MigrationEnd, 'look'>,
  isFinal: (sighting: Sighting) => boolean,
  patience: Patience,
): Promise<Sighting> {
  return poll(() => end.look(), isFinal, patience);
}

/** Looks at both ends until they decide where the guest is, or patience has run out. */
export async function locateGuest(
  source: Pick<MigrationEnd, 'look'>,
  destination: Pick<MigrationEnd, 'look'>,
  told: ToldToRun,
  patience: Patience,
): Promise<{ readonly guest: GuestPlace; readonly source: Sighting; readonly destination: Sighting }> {
  const locate = async () => {
    const [atSource, atDestination] = await Promise.all([source.look(), destination.look()]);
    return { guest: placeOf(atSource, atDestination, told), source: atSource, destination: atDestination };
  };
  const isFinal = (seen: Awaited<ReturnType<typeof locate>>): boolean =>
    seen.guest !== 'unknown' && !isInTransit(seen.source) && !isInTransit(seen.destination);
  return poll(locate, isFinal, patience);
}

/** Asks at once, and then again and again, until the answer is final or the time is over. Resolves to the last answer. */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  isFinal: (answer: Answer) => boolean,
  { settleTimeoutMs, pollIntervalMs }: Patience,
): Promise<Answer> {
  const until = performance.now() + settleTimeoutMs;
  for (;;) {
    const answer = await ask();
    if (isFinal(answer) || performance.now() >= until) return answer;
    await sleep(pollIntervalMs);
  }
}
