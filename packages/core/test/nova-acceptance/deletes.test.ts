import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { brokenBelongings } from '../support/belongings-promises.js';
import { tenant } from '../support/fake-compute.js';
import { providedCompute, type ProvidedCompute } from '../support/memory-providers.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, ownerContext, runningInstance } from '../support/running-instance.js';
import { storyOf } from '../support/stories/all-stories.js';

const powerOffFailure = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'stop' });

async function provided(): Promise<ProvidedCompute> {
  const fake = await providedCompute();
  await endedAsPromised(fake, storyOf('buildProvided').begin(fake, ownerContext()));
  return fake;
}

describe('Nova’s acceptance cases: deletes that fail', () => {
  it.each([
    ['D1: InstancePowerOffFailure keeps what the guest has', powerOffFailure],
    ['D2: any other error keeps it too (Nova: takes its networks from under it)', foreignError()],
  ])('%s, and the next delete goes on', async (_title, error) => {
    await using fake = await provided();
    const { api } = fake.compute;
    fake.hypervisor.faults.add({ at: 'destroy', fault: { type: 'throw', error } });
    expect(await endedAsPromised(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'failed' });
    expect((await fake.store.getInstance(instanceUuid)).networkInterfaces).toHaveLength(2);
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
    expect(await endedAsPromised(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
  });

  it.each([
    ['D3a: one whose guest runs on is active (Nova: in error)', 'before', 'active'],
    ['D3b: one whose guest is gone is in error', 'after', 'error'],
  ] as const)('%s', async (_title, when, vmState) => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'destroy', fault: { type: 'throw', error: foreignError(), when } });
    expect(await endedAsPromised(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({
      state: 'failed',
    });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null, taskOwner: null });
  });

  it('D4: one whose guest was gone before succeeds', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.loseGuest(instanceUuid);
    expect(await endedAsPromised(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });
});
