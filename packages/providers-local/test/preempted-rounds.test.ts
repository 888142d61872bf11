import { randomInt } from 'node:crypto';
import { env } from 'node:process';
import { expect, it } from 'vitest';
import { localWorld } from './support/local-world.js';
import { otherInstance, preemptedRound, type PreemptedName, type Round } from './support/preempted-round.js';
import { SeededRandom } from './support/seeded-random.js';

/** `VIRTKIT_ROUNDS=2000` does them all; `VIRTKIT_SEED` repeats a run. */
const rounds = Number(env['VIRTKIT_ROUNDS'] ?? 300);
const seed = Number(env['VIRTKIT_SEED'] ?? randomInt(2 ** 31));

/** Hosts of their own, side by side: while one waits for its disk another goes on. */
const HOSTS = 4;
const BROKEN_MAX = 10;

async function roundsOfHost(host: number): Promise<readonly Round[]> {
  await using world = await localWorld();
  const other = await otherInstance(world);
  const random = new SeededRandom(seed + host);
  const momentCounts = new Map<PreemptedName, number>();
  const done: Round[] = [];
  let broken = 0;
  while (done.length < rounds / HOSTS && broken < BROKEN_MAX) {
    const round = await preemptedRound(world, other, random, momentCounts);
    broken += round.problems.length;
    done.push({ ...round, name: `host ${host}, round ${done.length + 1}, ${round.name}` });
  }
  return done;
}

it('records, providers and guests agree whatever is preempted at whatever moment, on real files', async () => {
  const beganMs = performance.now();
  const hosts = Array.from({ length: HOSTS }, (_, host) => roundsOfHost(host));
  const done = (await Promise.all(hosts)).flat();
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const count = (wanted: Round['end']): number => done.filter(({ end }) => end === wanted).length;
  const ends = `${count('preempted')} preempted, ${count('refused')} refused, ${count('by itself')} by themselves`;
  console.log(`preempted rounds: seed ${seed}, ${done.length} rounds in ${seconds} s: ${ends}`);
  const broken = done.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  expect(broken, `seed ${seed}`).toEqual([]);
  expect(count('preempted')).toBeGreaterThan(done.length / 2);
}, 600_000);
