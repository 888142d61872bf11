import { ComputeError, computeErrors, isComputeError, Secret, type ComputeManager, type Instance } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { decoratedMethods } from '../../scripts/decorated-methods.mjs';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { admin, createRequest, tenant } from '../support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from '../support/memory-providers.js';
import { evacuationUnderWay } from '../support/moves-in-trouble.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, ownerContext, runningInstance, tenantText } from '../support/running-instance.js';
import { rejectionOf } from '../support/tried-host.js';

// In more depth than the page, ../nova-weaknesses.test.ts, which says what each number is about.
// More drivers’ errors, more ways to a tenant, every method, every code.

const instanceOf = (fake: ProvidedCompute): Promise<Instance> => fake.store.getInstance(instanceUuid);

describe('8. No declared driver errors', () => {
  const thrown = [foreignError(), 'a string', undefined, Object.assign(new Error('x'), { code: 38, domain: 10 })];
  const cases = thrown.flatMap((error) => (['pause', 'suspend', 'reboot'] as const).map((at) => ({ at, error })));

  it.each(cases)('$at that throws $error fails with a code of the table', async ({ at, error }) => {
    await using fake = await runningInstance();
    const { manager } = fake.compute;
    const doIt = {
      pause: (instance: Instance) => manager.pauseInstance(ownerContext(), instance),
      suspend: (instance: Instance) => manager.suspendInstance(ownerContext(), instance),
      reboot: (instance: Instance) => manager.rebootInstance(ownerContext(), instance, 'HARD'),
    };
    fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
    const failure = await fake.settled(rejectionOf(doIt[at](await instanceOf(fake))));
    expect(isComputeError(failure, 'INTERNAL')).toBe(true);
    expect((failure as ComputeError).cause).toBe(error);
  });
});

describe('9. Leaks remain by design', () => {
  const words = foreignError().message;
  const error = foreignError();

  it.each([
    { path: 'a build that fails in the driver', at: 'spawn', story: 'build' },
    { path: 'a build that fails in its clean-up too', at: 'destroy', story: 'build' },
    { path: 'a volume that cannot be prepared', at: 'volumes.connect', story: 'attachVolume' },
    { path: 'a rescue', at: 'rescue', story: 'rescue' },
    { path: 'a rebuild', at: 'rebuild', story: 'rebuild' },
    { path: 'a snapshot', at: 'images.beginImage', story: 'snapshot' },
  ] as const)('not by $path', async ({ at, story }) => {
    await using fake = await (story === 'build' ? providedCompute() : runningInstance());
    const { api, operator } = fake.compute;
    const { faults } = fake.hypervisor;
    const begin = {
      build: () => api.create(tenant, createRequest({ uuid: instanceUuid })),
      attachVolume: () => api.volumes.attach(tenant, instanceUuid, { volumeId: volumeIds[0] }),
      rescue: () => api.repair.rescue(tenant, instanceUuid, { imageId }),
      rebuild: () => api.repair.rebuild(tenant, instanceUuid, { imageId }),
      snapshot: () => api.images.snapshot(tenant, instanceUuid, { name: 'yesterday' }),
    };
    if (at === 'volumes.connect' || at === 'images.beginImage') {
      fake.providerFaults.add({ at, fault: { type: 'throw', error } });
    } else {
      faults.add({ at, fault: { type: 'throw', error, when: 'after' } });
      faults.add({ at: 'spawn', fault: { type: 'throw', error, when: 'after' } });
    }

    expect(await endedAsPromised(fake, begin[story]())).toMatchObject({
      state: 'failed',
      failure: { code: 'INTERNAL' },
    });

    const readable = await tenantText(fake);
    for (const word of words.split(/[ ,()]+/).filter((each) => each.length > 7)) expect(readable).not.toContain(word);
    expect(JSON.stringify(await operator.listFaults(admin, instanceUuid))).toContain(words);
  });

  it('not by an error that looks like ours', async () => {
    await using fake = await runningInstance();
    const forged = new ComputeError('INSTANCE_LOCKED', { instanceUuid, operation: 'pause' });
    Object.assign(forged, { format_message: () => words, toTenant: () => ({ code: 'X', message: words }) });
    Object.defineProperty(forged, 'message', { value: words });
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: forged } });
    const paused = await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    expect(paused.failure?.message).toBe(`Cannot pause instance ${instanceUuid} while it is locked.`);
    expect(await tenantText(fake)).not.toContain('libvirtd said');
  });

  it('of a secret not even to operators, whatever its parameter is called', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'setAdminPassword', fault: { type: 'throw', error } });
    const secret = new Secret('correct horse battery staple');
    const set = await endedAsPromised(fake, fake.compute.api.guest.setAdminPassword(tenant, instanceUuid, secret));
    expect(set.state).toBe('failed');
    const { operator } = fake.compute;
    const everything = JSON.stringify([
      await operator.listFaults(admin, instanceUuid),
      await operator.listEvents(admin, set.uuid),
      await operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 }),
      await fake.store.getAction(set.uuid),
      fake.logLines,
    ]);
    expect(everything).not.toContain('battery');
    expect(everything).toContain('GuestOperations.setAdminPassword');
  });
});

describe('12. `_do_live_migration` has no decorators', () => {
  const methods = decoratedMethods()
    .filter(({ visibility }) => visibility === 'public')
    .map((each) => ({ ...each, title: `${each.className} › ${each.name}` }));

  it.each(methods)('$title reports what fails', ({ decorators, takesContext, runsOperation }) => {
    if (takesContext) expect(decorators).toContain('wrapException');
    if (!runsOperation) return;
    expect(decorators).toEqual(expect.arrayContaining(['wrapException', 'wrapInstanceEvent', 'wrapInstanceFault']));
    expect(decorators).toContain('revertsTaskState');
  });

  it('finds them', () => {
    expect(methods.filter(({ runsOperation }) => runsOperation).length).toBeGreaterThan(25);
  });
});

describe('13. Taxonomy has no retryable / terminal / caller-fault axis', () => {
  it.each(Object.entries(computeErrors))('%s says who has to act, whether to try again, what was changed', (_, row) => {
    expect(row.httpStatus).toBeGreaterThanOrEqual(400);
    expect(row.httpStatus).toBeLessThan(600);
    if (row.atFault === 'maintainer') expect(row.httpStatus).toBe(500);
    if (row.atFault === 'caller') expect(row.httpStatus === 501 || row.httpStatus < 500).toBe(true);
    expect(row.meaning.length).toBeGreaterThan(20);
  });
});

describe('14. Reflection by argument name', () => {
  it('does not compile without a context and an instance', () => {
    const misused = (manager: ComputeManager, instance: Instance): readonly Promise<unknown>[] => [
      // @ts-expect-error A context is not a string.
      manager.pauseInstance('a token', instance),
      // @ts-expect-error An instance is not its uuid.
      manager.pauseInstance(ownerContext(), instance.uuid),
      // @ts-expect-error The context comes first.
      manager.pauseInstance(instance, ownerContext()),
    ];
    expect(misused).toBeTypeOf('function');
  });
});

describe('15. graceful_exit hides body exceptions, InstanceFaultRollback defaults to ACTIVE', () => {
  it.each([
    { vmState: 'rescued', at: 'unrescue' },
    { vmState: 'suspended', at: 'resume' },
    { vmState: 'stopped', at: 'powerOn' },
    { vmState: 'paused', at: 'unpause' },
  ] as const)('an instance that is $vmState stays so when $at refuses', async ({ vmState, at }) => {
    await using fake = await runningInstance();
    const { api } = fake.compute;
    const ways = {
      rescued: [
        () => api.repair.rescue(tenant, instanceUuid, { imageId }),
        () => api.repair.unrescue(tenant, instanceUuid),
      ],
      suspended: [() => api.suspend(tenant, instanceUuid), () => api.resume(tenant, instanceUuid)],
      stopped: [() => api.stop(tenant, instanceUuid), () => api.start(tenant, instanceUuid)],
      paused: [() => api.pause(tenant, instanceUuid), () => api.unpause(tenant, instanceUuid)],
    } as const;
    const [there, back] = ways[vmState];
    expect(await endedAsPromised(fake, there())).toMatchObject({ state: 'succeeded' });
    const error = new ComputeError('NOT_SUPPORTED', { capability: at, reason: 'this guest cannot do it' });
    fake.hypervisor.faults.add({ at, fault: { type: 'throw', error } });
    expect(await endedAsPromised(fake, back())).toMatchObject({ state: 'failed', failure: { code: 'NOT_SUPPORTED' } });
    expect(await api.get(tenant, instanceUuid)).toMatchObject({ vmState, taskState: null });
  });

  it('an evacuation saves nothing over what another action holds by now', async () => {
    const { hosts, evacuated } = await evacuationUnderWay();
    const newer = { taskState: 'deleting', taskOwner: 'a newer action' } as const;
    await hosts.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch: newer, guard: {} }]);
    expect((await evacuated()).state).not.toBe('succeeded');
    expect(await hosts.record()).toMatchObject({ ...newer, host: 'alpha' });
  });
});
