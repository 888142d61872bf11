import { ComputeError, type Instance } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute } from './support/memory-providers.js';
import { foreignError } from './support/promises.js';
import { ended, instanceUuid, ownerContext, runningInstance, tenantText, toldOf } from './support/running-instance.js';

/**
 * The cases of Nova's own tests that are the manager's. Those of the decorators (W1–W4, F1–F3, R2–R4, V1–V6, C1, C2, C6) are in
 * `packages/decorators`, and its DECISIONS.md says in which test each is held. Waits for external events, recovery by operation, consoles
 * and what a host does by itself have test files of their own.
 */
const refusal = (operation: string): ComputeError =>
  new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation }, { cause: foreignError() });

describe('Nova’s acceptance cases: faults', () => {
  it('F4, F5: a foreign error is a fault with the public text of a code (Nova: the name of its class), its own text is the operator’s', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: foreignError() } });
    await ended(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    const [fault] = await fake.compute.operator.listFaults(admin, instanceUuid);
    expect(fault).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/^An internal error occurred/) as string,
    });
    expect(fault?.operator.host).toBe('host-1');
    expect(JSON.stringify(fault?.operator.failures)).toContain(foreignError().message);
    expect(await tenantText(fake)).not.toContain('libvirtd');
  });

  it('F6: an error of the caller’s has its text', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('AGENT_UNAVAILABLE', { instanceUuid });
    fake.hypervisor.faults.add({ at: 'quiesce', fault: { type: 'throw', error } });
    const action = await ended(fake, fake.compute.api.guest.quiesce(tenant, instanceUuid));
    expect(action.failure).toEqual({ code: 'AGENT_UNAVAILABLE', message: error.message });
  });

  it('F7: what is thrown without a stack is a fault all the same', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: undefined } });
    await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
    expect(await fake.compute.api.listFaults(tenant, instanceUuid)).toMatchObject([{ code: 'INTERNAL' }]);
  });

  it('F8, F9: a message is made of its code and of nothing else, so that it need not be cut', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: new Error('ä'.repeat(10_000)) } });
    const { failure } = await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
    expect(failure?.message.length).toBeLessThan(255);
  });
});

describe('Nova’s acceptance cases: task states', () => {
  const operations = [
    'stop',
    'pause',
    'suspend',
    'reboot',
    'softDelete',
    'rescue',
    'rebuild',
    'shelve',
    'delete',
  ] as const;

  // Nova injects the failure before the driver is reached.
  it.each(operations.flatMap((name) => (['before', 'after'] as const).map((when) => ({ name, when }))))(
    'R1: $name that fails $when the driver has worked leaves no task state',
    async ({ name, when }) => {
      await using fake = await runningInstance();
      const { api } = fake.compute;
      const begin = {
        stop: () => api.stop(tenant, instanceUuid),
        pause: () => api.pause(tenant, instanceUuid),
        suspend: () => api.suspend(tenant, instanceUuid),
        reboot: () => api.reboot(tenant, instanceUuid, 'HARD'),
        softDelete: () => api.softDelete(tenant, instanceUuid),
        rescue: () => api.repair.rescue(tenant, instanceUuid, { imageId }),
        rebuild: () => api.repair.rebuild(tenant, instanceUuid, { imageId }),
        shelve: () => api.images.shelve(tenant, instanceUuid),
        delete: () => api.delete(tenant, instanceUuid),
      };
      const at = [
        'powerOff',
        'pause',
        'suspend',
        'reboot',
        'softDelete',
        'rescue',
        'rebuild',
        'snapshot',
        'destroy',
      ] as const;
      for (const call of at) {
        fake.hypervisor.faults.add({ at: call, fault: { type: 'throw', error: refusal(name), when } });
      }
      expect(await ended(fake, begin[name]())).toMatchObject({ state: 'failed' });
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: null, taskOwner: null });
    },
  );
});

describe('Nova’s acceptance cases: events', () => {
  it('V7, V9: a failed step has the tenant’s text, and the traceback for the operator; a good one has neither', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: foreignError() } });
    const failed = await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
    const good = await ended(fake, fake.compute.api.pause(tenant, instanceUuid));
    const { operator } = fake.compute;
    const [error] = await operator.listEvents(admin, failed.uuid);
    expect(error).toMatchObject({ result: 'Error', failure: { code: 'INTERNAL' }, name: 'compute_pause_instance' });
    expect(error?.operator.traceback).toContain(foreignError().message);
    const [success] = await operator.listEvents(admin, good.uuid);
    expect(success).toMatchObject({ result: 'Success', failure: null, operator: { traceback: null } });
  });

  it('V8, V10: a direct call without an action is kept under its request (Nova: InstanceActionNotFound)', async () => {
    await using fake = await runningInstance();
    const context = ownerContext();
    const instance: Instance = await fake.store.getInstance(instanceUuid);
    await fake.settled(fake.compute.manager.pauseInstance(context, instance));
    const events = await fake.compute.operator.listEvents(admin, context.requestId);
    expect(events.map(({ result }) => result)).toEqual(['Success']);
  });

  it('W5, W6: one notification of one kind for a failure, and none for a success', async () => {
    await using fake = await runningInstance();
    const [bad, good] = [ownerContext(), ownerContext()];
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: refusal('pause') } });
    await ended(fake, fake.compute.api.pause(bad, instanceUuid));
    await ended(fake, fake.compute.api.pause(good, instanceUuid));
    expect((await toldOf(fake, bad)).filter((each) => each === 'compute.exception')).toHaveLength(1);
    expect(await toldOf(fake, good)).not.toContain('compute.exception');
  });
});

describe('Nova’s acceptance cases: vm states after a failure', () => {
  it.each([
    { effect: 'none', runs: 'on', vmState: 'active' },
    { effect: 'partial', runs: 'on', vmState: 'active' },
  ] as const)('C3, C4: effect $effect with a guest that runs $runs is $vmState', async ({ effect, vmState }) => {
    await using fake = await runningInstance();
    const error = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'suspend' }, { effect });
    fake.hypervisor.faults.add({ at: 'suspend', fault: { type: 'throw', error } });
    await ended(fake, fake.compute.api.suspend(tenant, instanceUuid));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null });
  });

  it('C3: one whose guest is gone after the failure is in error', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: refusal('reboot') } });
    fake.hypervisor.loseGuest(instanceUuid);
    await ended(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
  });

  it('C5: a rebuild that the driver refuses keeps the vm state', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'memory' }, { effect: 'none' });
    for (const at of ['rebuild', 'destroy'] as const)
      fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
    await ended(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

describe('Nova’s acceptance cases: builds and deletes', () => {
  it.each([
    new ComputeError('FLAVOR_TOO_SMALL', { resource: 'disk', requiredMib: 2, offeredMib: 1 }),
    new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason: 'format' }),
    new ComputeError('VIF_PLUG_FAILED', { instanceUuid }),
    new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'memory' }),
    new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'disk' }),
  ])('a build that ends with $code says so, is in error, and has given back what it got', async (error) => {
    await using fake = await providedCompute();
    fake.hypervisor.faults.add({ at: 'spawn', fault: { type: 'throw', error } });
    const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
    const built = await ended(fake, fake.compute.api.create(tenant, { ...request, imageId, networks: [{}] }));
    expect(built).toMatchObject({ state: 'failed', failure: error.toTenant() });
    expect(await fake.compute.api.get(tenant, instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
    expect(await fake.networks.interfacesOf(instanceUuid)).toEqual([]);
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });

  it('a delete that fails keeps the networks, whatever the error (Nova: only of some), and the next one goes on', async () => {
    await using fake = await providedCompute();
    const { api } = fake.compute;
    const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
    await ended(fake, api.create(tenant, { ...request, imageId, networks: [{}] }));
    fake.hypervisor.faults.add({ at: 'destroy', fault: { type: 'throw', error: foreignError() } });
    expect(await ended(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'failed' });
    expect(await fake.networks.interfacesOf(instanceUuid)).toHaveLength(1);
    expect(await ended(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(await fake.networks.interfacesOf(instanceUuid)).toEqual([]);
  });
});
