import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { tenant } from '../support/fake-compute.js';
import { hostDied } from '../support/dead-host.js';
import { imageId } from '../support/memory-providers.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, runningInstance } from '../support/running-instance.js';
import { large, perform, twoHosts } from '../support/two-hosts.js';

const failed = (effect: 'none' | 'partial') =>
  new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'clean up' }, { effect });

describe('Nova’s acceptance cases: vm states after a failure', () => {
  it.each([
    ['C3a: what the driver does not do leaves the state as it was', notSupported(), 'active'],
    ['C3b: what has changed nothing leaves the state as it was, and its own error leaves', failed('none'), 'active'],
    ['C3c: anything else leaves what is true of the guest (Nova: error)', foreignError(), 'active'],
  ] as const)('%s', async (_title, error, vmState) => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'suspend', fault: { type: 'throw', error } });
    const suspended = await endedAsPromised(fake, fake.compute.api.suspend(tenant, instanceUuid));
    expect(suspended.failure?.code).toBe(error instanceof ComputeError ? error.code : 'INTERNAL');
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null });
  });

  it('C3d: one whose guest is gone after the failure is in error', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: failed('partial') } });
    fake.hypervisor.loseGuest(instanceUuid);
    await endedAsPromised(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
  });

  it('C3e: what has changed nothing leaves one that was paused paused (Nova: active, where nobody names a state)', async () => {
    await using fake = await runningInstance();
    await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    fake.hypervisor.faults.add({ at: 'unpause', fault: { type: 'throw', error: failed('none') } });
    await endedAsPromised(fake, fake.compute.api.unpause(tenant, instanceUuid));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'paused', taskState: null });
  });

  it.each([
    ['C4a: a resize that has changed nothing leaves it active', [], 'active'],
    ['C4b: a resize that has changed nothing leaves one that was stopped stopped (Nova: active)', ['stop'], 'stopped'],
  ] as const)('%s, and its own error leaves', async (_title, led, vmState) => {
    await using hosts = await twoHosts();
    const { api } = hosts.alpha.compute;
    for (const verb of led) await perform(hosts.alpha, (context) => api[verb](context, instanceUuid));
    const { faults } = hosts.datacenter.host('alpha');
    faults.add({ at: 'migrateDiskAndPowerOff', fault: { type: 'throw', error: failed('none') } });
    const resized = await perform(hosts.alpha, (context) => api.moves.resize(context, instanceUuid, { flavor: large }));
    expect(resized).toMatchObject({ state: 'failed', failure: failed('none').toTenant() });
    expect(await hosts.record()).toMatchObject({ vmState, taskState: null, flavor: { name: 'small' } });
  });

  it('C5a: a rebuild that the host has no room for keeps the vm state', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'memory' }, { effect: 'none' });
    fake.hypervisor.faults.add({ at: 'rebuild', fault: { type: 'throw', error } });
    await endedAsPromised(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });

  it('C5b: an evacuation that the new host has no room for keeps the vm state, and the migration has failed', async () => {
    await using hosts = await hostDied({ betaSize: { memoryMib: 64 } });
    const { beta } = hosts;
    const evacuated = await perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');
    expect(evacuated).toMatchObject({ state: 'failed', failure: { code: 'INSUFFICIENT_RESOURCES' } });
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active', taskState: null });
    expect(await hosts.status()).toBe('failed');
  });
});

function notSupported(): ComputeError {
  return new ComputeError('NOT_SUPPORTED', { capability: 'suspend', reason: 'this guest cannot do it' });
}
