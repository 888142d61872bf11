import { ComputeError } from '@virtkit/core';
import type { Fault, FaultPoint } from '@virtkit/driver-fake';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foreignError } from './support/promises.js';
import { storyCount } from './support/story-count.js';
import { instanceUuids, ThreeHosts, threeHosts, type MoveVerb, type OneOfThree } from './support/three-hosts.js';

type Step =
  | { readonly step: 'ask'; readonly verb: MoveVerb; readonly instance: number; readonly to: OneOfThree }
  | { readonly step: 'wait'; readonly durationMs: number }
  | {
      readonly step: 'fail';
      readonly host: OneOfThree;
      readonly at: FaultPoint['at'];
      readonly fault: Fault;
      readonly times: number;
    }
  | { readonly step: 'cut' | 'mend'; readonly host: OneOfThree; readonly other: OneOfThree }
  | {
      readonly step: 'kill';
      readonly host: OneOfThree;
      readonly at: FaultPoint['at'];
      readonly power: 'kept' | 'lost';
    };

const host = fc.constantFrom(...threeHosts);

const fault = fc.constantFrom<Fault>(
  { type: 'throw', error: foreignError() },
  { type: 'throw', error: foreignError(), when: 'after' },
  {
    type: 'throw',
    error: new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: instanceUuids[0] ?? '', operation: 'do it' }),
  },
  { type: 'lose-answer' },
  { type: 'hang', until: 'abort' },
  { type: 'delay', delayMs: 400 },
);

const places = fc.constantFrom<FaultPoint['at']>(
  'inspect',
  'readState',
  'migrateDiskAndPowerOff',
  'sendDisk',
  'keepDisks',
  'finishMigration',
  'takeArrivedDisks',
  'start',
  'plugVif',
  'confirmMigration',
  'finishRevertMigration',
  'destroy',
  'checkCanLiveMigrateDestination',
  'checkCanLiveMigrateSource',
  'preLiveMigration',
  'liveMigration',
  'readMigration',
  'postLiveMigrationAtSource',
  'postLiveMigrationAtDestination',
  'rollbackLiveMigrationAtSource',
  'rollbackLiveMigrationAtDestination',
);

const power = fc.constantFrom('kept' as const, 'lost' as const);

const verb = fc.constantFrom<MoveVerb>(
  'delete',
  'liveMigrate',
  'liveMigrate',
  'migrate',
  'migrate',
  'confirmResize',
  'revertResize',
  'reboot',
  'stop',
  'start',
  'abortLiveMigration',
);

const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        step: fc.constant('ask' as const),
        verb,
        instance: fc.nat({ max: instanceUuids.length - 1 }),
        to: host,
      }),
    },
    { weight: 6, arbitrary: fc.record({ step: fc.constant('wait' as const), durationMs: fc.nat({ max: 3_000 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        step: fc.constant('fail' as const),
        host,
        at: places,
        fault,
        times: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ step: fc.constantFrom('cut' as const, 'mend' as const), host, other: host }),
    },
    { weight: 2, arbitrary: fc.record({ step: fc.constant('kill' as const), host, at: places, power }) },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

async function take(hosts: ThreeHosts, step: Step): Promise<void> {
  switch (step.step) {
    case 'ask':
      return await hosts.ask(step.verb, instanceUuids[step.instance] ?? '', step.to);
    case 'wait':
      return await hosts.clock.advance(step.durationMs);
    case 'fail':
      return hosts.plan(step.host, step.at, step.fault, step.times);
    case 'cut':
    case 'mend':
      if (step.host === step.other) return;
      return hosts.datacenter[`${step.step}Link`](step.host, step.other);
    case 'kill':
      return hosts.kill(step.host, step.at, step.power);
  }
}

it(
  'moves many instances between three hosts, each guest on one of them, whatever fails',
  { timeout: storyCount(150) * 1_000 },
  async () => {
    const told = { moved: 0, failed: 0 };
    const seed = Number(process.env['VIRTKIT_SEED'] ?? Date.now() % 1_000_000_000);
    console.log(`three managers: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const hosts = await ThreeHosts.withInstances();
        for (const step of story) {
          await take(hosts, step);
          hosts.look();
          await hosts.revive();
        }
        await hosts.ended();
        await hosts.repaired();
        hosts.look();
        const broken = await hosts.brokenPromises();
        for (const instanceUuid of instanceUuids) {
          for (const { status } of await hosts.store.listMigrations({ instanceUuid })) {
            told[status === 'failed' || status === 'cancelled' ? 'failed' : 'moved'] += 1;
          }
        }
        await hosts.close();
        expect(broken).toEqual([]);
      }),
      { numRuns: storyCount(150), seed },
    );
    console.log(`three managers: ${told.moved} moves made, ${told.failed} not`);
    // Enough has happened for the above to mean something.
    expect(told.moved).toBeGreaterThan(60);
    expect(told.failed).toBeGreaterThan(30);
  },
);
