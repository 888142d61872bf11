import type { AcceptedAction, RequestContext } from '@virtkit/core';
import { driverMethods, type DriverMethod } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { operations, type OperationName } from '../src/model/operation-table.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './support/running-instance.js';
import type { ProvidedCompute } from './support/memory-providers.js';
import { imageStories } from './support/stories/images.js';
import { lifecycleStories } from './support/stories/lifecycle.js';
import { repairStories } from './support/stories/repair.js';

type Begin = (fake: ProvidedCompute, context: RequestContext) => Promise<AcceptedAction>;

const begins: Readonly<Record<string, Begin>> = {
  stop: ({ compute }, context) => compute.api.stop(context, instanceUuid),
  start: ({ compute }, context) => compute.api.start(context, instanceUuid),
  pause: ({ compute }, context) => compute.api.pause(context, instanceUuid),
  unpause: ({ compute }, context) => compute.api.unpause(context, instanceUuid),
  suspend: ({ compute }, context) => compute.api.suspend(context, instanceUuid),
  resume: ({ compute }, context) => compute.api.resume(context, instanceUuid),
  softReboot: ({ compute }, context) => compute.api.reboot(context, instanceUuid, 'SOFT'),
  hardReboot: ({ compute }, context) => compute.api.reboot(context, instanceUuid, 'HARD'),
  terminate: ({ compute }, context) => compute.api.delete(context, instanceUuid),
  ...Object.fromEntries(
    [...imageStories, ...lifecycleStories, ...repairStories].map((each) => [each.name, each.begin]),
  ),
};
const before: Readonly<Record<string, readonly string[]>> = {
  start: ['stop'],
  unpause: ['pause'],
  resume: ['suspend'],
  ...Object.fromEntries(
    [...imageStories, ...lifecycleStories, ...repairStories].map((each) => [
      each.name,
      each.before.filter((name) => name !== 'build'),
    ]),
  ),
};
const names = Object.keys(begins).filter((name) => name in operations) as OperationName[];

/** Asked after every operation, and no part of what it does. */
const looks: readonly DriverMethod[] = ['inspect', 'getInfo'];

async function callsOf(name: OperationName, failsAt?: DriverMethod): Promise<readonly string[]> {
  await using fake = await runningInstance();
  for (const earlier of [...(before[name] ?? []), name]) {
    if (earlier === name) fake.hypervisor.journal.clear();
    const isFailing = earlier === name && failsAt !== undefined;
    if (isFailing)
      fake.hypervisor.faults.add({ at: failsAt, fault: { type: 'throw', error: new Error('no'), when: 'after' } });
    await ended(fake, begins[earlier]?.(fake, ownerContext()) ?? Promise.reject(new Error(earlier)));
  }
  const asked = fake.hypervisor.journal.entries.map(({ operation }) => operation);
  return asked.filter((each) => (driverMethods as readonly string[]).includes(each));
}

describe('the driver calls of a row are those that the operation makes', () => {
  it.each(names)('%s', async (name) => {
    const { driverCalls, afterFailure } = operations[name];
    const cleanUp = afterFailure === 'leave' ? [] : [afterFailure === 'destroy' ? 'destroy' : 'powerOff'];
    const calls = (await callsOf(name)).filter((each) => !looks.some((look) => look === each));
    expect(driverCalls).toEqual(expect.arrayContaining(calls));
    for (const at of new Set(calls)) {
      const failing = await callsOf(name, at as DriverMethod);
      expect([...driverCalls, ...cleanUp, ...looks]).toEqual(expect.arrayContaining([...failing]));
    }
  });
});
