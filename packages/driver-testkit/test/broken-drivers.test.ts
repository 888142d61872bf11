import { describe, expect, it } from 'vitest';
import { driverConformance, failuresOf } from '../src/index.js';
import { allRules } from '../src/rules/all-rules.js';
import type { BrokenDriver } from './broken/broken-driver.js';
import { deviceBreakers } from './broken/device-breakers.js';
import { diskBreakers } from './broken/disk-breakers.js';
import { errorBreakers } from './broken/error-breakers.js';
import { eventBreakers } from './broken/event-breakers.js';
import { generationBreakers } from './broken/generation-breakers.js';
import { hostBreakers } from './broken/host-breakers.js';
import { fenceBreakers } from './broken/fence-breakers.js';
import { lawBreakers } from './broken/law-breakers.js';
import { lifeBreakers } from './broken/life-breakers.js';
import { liveMigrationBreakers } from './broken/live-migration-breakers.js';
import { overlapBreakers } from './broken/overlap-breakers.js';
import { powerBreakers } from './broken/power-breakers.js';
import { readBreakers } from './broken/read-breakers.js';
import { reconnectBreakers } from './broken/reconnect-breakers.js';
import { rebootBreakers } from './broken/reboot-breakers.js';
import { resizeBreakers } from './broken/resize-breakers.js';
import { spawnBreakers } from './broken/spawn-breakers.js';
import { minimalSubject } from './minimal-subject.js';

const brokenDrivers: readonly BrokenDriver[] = [
  ...lawBreakers,
  ...fenceBreakers,
  ...lifeBreakers,
  ...spawnBreakers,
  ...generationBreakers,
  ...readBreakers,
  ...powerBreakers,
  ...rebootBreakers,
  ...errorBreakers,
  ...eventBreakers,
  ...reconnectBreakers,
  ...overlapBreakers,
  ...resizeBreakers,
  ...liveMigrationBreakers,
  ...hostBreakers,
  ...diskBreakers,
  ...deviceBreakers,
];

/** The rules that a broken driver breaks. */
async function rulesBrokenBy({ damage, hangs, caughtBy, others }: BrokenDriver): Promise<readonly string[]> {
  const broken = new Set<string>();
  // The deadline is near only for the rules that are broken by hanging, or may be: a loaded machine must not break the others.
  const mayHang = (rule: string) => hangs !== undefined && (others !== undefined || caughtBy.includes(rule));
  for (const [ruleTimeoutMs, isProven] of [
    [1_000, mayHang],
    [20_000, (rule: string) => !mayHang(rule)],
  ] as const) {
    const subject = { ...minimalSubject(damage), ruleTimeoutMs };
    const failures = await failuresOf(({ describe: group, it: rule }) =>
      driverConformance(
        { describe: group, it: (name, run) => (isProven(name) ? rule(name, run) : undefined) },
        subject,
      ),
    );
    for (const { test } of failures) broken.add(test);
  }
  // In the order of the contract.
  return allRules.map(({ name }) => name).filter((name) => broken.has(name));
}

describe.concurrent('a driver is caught when', () => {
  for (const broken of brokenDrivers) {
    it(broken.fault, async ({ expect }) => {
      const caughtBy = await rulesBrokenBy(broken);
      if (broken.others) expect(caughtBy).toEqual(expect.arrayContaining([...broken.caughtBy]));
      else expect(caughtBy).toEqual(broken.caughtBy);
    });
  }
});

describe('the table of broken drivers', () => {
  it('has one for every rule', () => {
    const catching = new Set(brokenDrivers.flatMap(({ caughtBy }) => caughtBy));
    expect(allRules.map(({ name }) => name).filter((name) => !catching.has(name))).toEqual([]);
  });

  it('names only rules that there are', () => {
    const names = new Set(allRules.map(({ name }) => name));
    expect(brokenDrivers.flatMap(({ caughtBy }) => caughtBy).filter((name) => !names.has(name))).toEqual([]);
  });
});
