import { ComputeError, type HostLifeConfiguration } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { drifted, syncOnly } from './support/drifted-guest.js';
import { admin, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';

const unchanged = (): void => undefined;
const stop = ({ hypervisor }: FakeCompute, uuid: string): void => hypervisor.stopGuest(uuid);
const crash = ({ hypervisor }: FakeCompute, uuid: string): void => hypervisor.crashGuest(uuid);
const lose = ({ hypervisor }: FakeCompute, uuid: string): void => hypervisor.loseGuest(uuid);

describe('the power sync', () => {
  it.each([
    ['active', stop, 'SHUTDOWN', 'stopped', 'adopt'],
    ['active', crash, 'CRASHED', 'stopped', 'adopt'],
    ['active', lose, 'NOSTATE', 'active', 'alert'],
    ['stopped', unchanged, 'RUNNING', 'active', 'adopt'],
    ['stopped', lose, 'NOSTATE', 'stopped', 'alert'],
    ['paused', unchanged, 'RUNNING', 'active', 'adopt'],
    ['paused', stop, 'SHUTDOWN', 'stopped', 'adopt'],
    ['suspended', unchanged, 'RUNNING', 'active', 'adopt'],
    ['suspended', stop, 'SHUTDOWN', 'stopped', 'adopt'],
    ['rescued', stop, 'SHUTDOWN', 'rescued', 'alert'],
    ['resized', crash, 'CRASHED', 'resized', 'alert'],
    ['soft-delete', unchanged, 'RUNNING', 'soft-delete', 'alert'],
    ['shelved', unchanged, 'RUNNING', 'shelved', 'alert'],
  ] as const)(
    'knows what to do about one recorded %s: row %#',
    async (vmState, change, powerState, after, reaction) => {
      const record = {
        vmState,
        powerState: vmState === 'active' || vmState === 'rescued' ? 'RUNNING' : 'PAUSED',
      } as const;
      const { fake, uuid, deviations } = await drifted(syncOnly, change, record);
      await using _ = fake;

      await fake.clock.advance(1_000);

      expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: after, powerState, taskState: null });
      expect(deviations()).toEqual([{ instanceUuid: uuid, vmState, powerState, reaction }]);
      const query = { afterSequence: 0, instanceUuid: uuid, countMax: 100 };
      const told = (await fake.compute.operator.listNotifications(admin, query)).filter(
        ({ eventType }) => eventType === 'instance.power_state.unexpected',
      );
      expect(told).toHaveLength(reaction === 'alert' ? 1 : 0);
      await fake.clock.advance(3 * 600_000);
      expect(deviations()).toHaveLength(1);
      expect(fake.hypervisor.look(uuid).guest?.state).toBe(lookOf(powerState));
    },
  );

  it.each([
    ['resized', stop, 'SHUTDOWN'],
    ['error', unchanged, 'RUNNING'],
    ['shelved', stop, 'SHUTDOWN'],
    ['soft-delete', lose, 'NOSTATE'],
  ] as const)('takes %s as it is, and only follows its power state', async (vmState, change, powerState) => {
    const { fake, uuid, deviations } = await drifted(syncOnly, change, { vmState, powerState: 'PAUSED' });
    await using _ = fake;

    await fake.clock.advance(1_000);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState, powerState });
    expect(deviations()).toEqual([]);
  });

  it.each([
    ['active', stop, 'start'],
    ['active', crash, 'start'],
    ['active', lose, 'start'],
    ['stopped', unchanged, 'stop'],
    ['paused', unchanged, 'pause'],
    ['suspended', unchanged, 'suspend'],
  ] as const)('brings a guest back that is recorded %s, when that is wanted', async (vmState, change, operation) => {
    const record = { vmState, powerState: vmState === 'active' ? 'RUNNING' : 'SHUTDOWN' } as const;
    const { fake, uuid, deviations } = await drifted({ ...syncOnly, powerStatePolicy: 'enforce' }, change, record);
    await using _ = fake;

    await fake.clock.advance(60_000);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState, taskState: null });
    const [action] = await fake.store.listActions(uuid);
    expect(action).toMatchObject({ operation, state: 'succeeded' });
    expect(deviations()).toMatchObject([{ vmState, reaction: 'enforce' }]);
  });

  it('leaves the truth and a fault behind where a guest cannot be brought back', async () => {
    const policy = { ...syncOnly, powerStatePolicy: { active: { SHUTDOWN: 'enforce' } } } as const;
    const { fake, uuid } = await drifted(policy, ({ hypervisor }, instanceUuid) => {
      hypervisor.stopGuest(instanceUuid);
      const error = new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'disk' });
      hypervisor.faults.add({ at: 'powerOn', fault: { type: 'throw', error } });
    });
    await using _ = fake;

    await fake.clock.advance(60_000);

    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'stopped', taskState: null });
    expect(await fake.store.listFaults(uuid)).toMatchObject([{ code: 'GUEST_START_FAILED' }]);
  });

  it('takes an event as a hint, asks, and does nothing to an instance that something is being done to', async () => {
    await using fake = await fakeCompute({ hostLife: quietLife });
    const { uuid } = await builtInstance(fake);
    fake.hypervisor.stopGuest(uuid);
    await fake.clock.advance(100);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });

    const { finished } = await fake.settled(fake.compute.api.start(tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    await fake.clock.advance(100);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active' });
  });

  it('goes on past a guest that cannot be asked about, and says in its health that the round failed', async () => {
    await using fake = await fakeCompute({ hostLife: syncOnly });
    const [one, other] = [await builtInstance(fake), await builtInstance(fake, { name: 'web-2' })];
    const at = { at: 'getInfo', instanceUuid: one.uuid } as const;
    const broken = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: one.uuid, operation: 'getInfo' });
    fake.hypervisor.faults.add({ ...at, times: 'always', fault: { type: 'throw', error: broken } });
    const drift = { vmState: 'stopped', powerState: 'SHUTDOWN' } as const;
    for (const { uuid } of [one, other]) {
      await fake.store.commit([{ write: 'update-instance', uuid, patch: drift, guard: {} }]);
    }

    await fake.clock.advance(700_000);

    expect(await fake.store.getInstance(one.uuid)).toMatchObject({ vmState: 'stopped' });
    expect(await fake.store.getInstance(other.uuid)).toMatchObject({ vmState: 'active' });
    const { tasks } = await fake.compute.operator.health(admin);
    expect(tasks.find(({ name }) => name === 'powerSync')).toMatchObject({
      state: 'resting',
      lastFailure: { failure: { code: 'GUEST_OPERATION_FAILED' } },
    });
  });

  it.each([
    [{ powerStatePolicy: 'kill' }, 'adopt, enforce, alert'],
    [{ powerStatePolicy: { rescued: { SHUTDOWN: 'enforce' } } }, 'adopt or alert for rescued seen SHUTDOWN'],
    [{ powerStatePolicy: { active: { RUNNING: 'adopt' } } }, 'no field of this name'],
    [{ everyMs: { powerSink: 5 } }, 'no field of this name'],
    [{ rescueTimeoutMs: -1 }, 'a whole number from 0'],
  ])('refuses the configuration %j before anything is done', async (hostLife, accepted) => {
    const refused = fakeCompute({ hostLife: hostLife as HostLifeConfiguration });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
    await expect(refused).rejects.toThrow(accepted);
  });
});

function lookOf(powerState: string): string | undefined {
  return { RUNNING: 'running', SHUTDOWN: 'shut-off', CRASHED: 'crashed' }[powerState];
}
