import { ComputeError, createCompute, silentLog, type HostLifeConfiguration } from '@virtkit/core';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it, vi } from 'vitest';
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

describe('a change that nobody has asked for', () => {
  it.each([
    ['crashed', crash, 'stopped', 'compute_lifecycle_event_crashed', 'Error', ['GUEST_CRASHED']],
    ['stopped from inside', stop, 'stopped', 'compute_lifecycle_event_stopped', 'Success', []],
  ] as const)('is on record with the event that told of it: a guest that has %s', async (_, change, ...told) => {
    const [vmState, name, result, faults] = told;
    await using fake = await fakeCompute({ hostLife: quietLife });
    const { uuid } = await builtInstance(fake);
    change(fake, uuid);
    await fake.clock.advance(100);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState });
    expect(await recordOf(fake, uuid)).toEqual({ events: [[name, result]], faults, told: ['changed'] });
  });

  it.each([
    ['stopped', stop, [], 'changed'],
    ['crashed', crash, ['GUEST_CRASHED'], 'changed'],
    ['lost', lose, ['GUEST_LOST'], 'unexpected'],
  ] as const)('is on record with the comparison that found it: a guest that is %s', async (_, change, faults, told) => {
    const { fake, uuid } = await drifted(syncOnly, change);
    await using _fake = fake;
    await fake.clock.advance(1_000);
    const result = faults.length > 0 ? 'Error' : 'Success';
    const events = [['compute_sync_power_state', result]];
    expect(await recordOf(fake, uuid)).toEqual({ events, faults, told: [told] });
    await fake.clock.advance(3 * 600_000);
    expect((await recordOf(fake, uuid)).events, 'told once').toHaveLength(1);
  });

  it('is written in one commit', async () => {
    await using fake = await fakeCompute({ hostLife: quietLife });
    const { uuid } = await builtInstance(fake);
    const commit = vi.spyOn(fake.store, 'commit');
    crash(fake, uuid);
    await fake.clock.advance(100);
    const writes = commit.mock.calls.map(([unit]) =>
      unit.map(({ write }) => write).filter((each) => !each.startsWith('require')),
    );
    expect(writes).toEqual([['update-instance', 'put-event', 'append-notification', 'put-fault']]);
  });
});

describe('the first comparison', () => {
  it.each([
    ['stopped', stop, { vmState: 'stopped', powerState: 'SHUTDOWN' }],
    ['crashed', crash, { vmState: 'stopped', powerState: 'CRASHED' }],
    ['lost', lose, { vmState: 'active', powerState: 'NOSTATE' }],
  ] as const)('comes before anybody can read that a guest runs which is %s', async (_, change, seen) => {
    const first = await fakeCompute({ hostLife: quietLife });
    const { uuid } = await builtInstance(first);
    await first.settled(first.compute.close());
    change(first, uuid);
    const { hypervisor, clock, store } = first;
    // No time passes from here on, so that no periodic task runs.
    await using compute = await createCompute({
      host: 'host-1',
      hostLife: syncOnly,
      clock,
      store,
      log: silentLog,
      drivers: [fakeDriver],
      driver: { name: 'fake', configuration: { hypervisor } },
    });
    expect(await compute.api.get(tenant, uuid)).toMatchObject(seen);
    expect((await compute.operator.health(admin)).firstSync).toBe('done');
  });

  it('starts nothing by itself: what is to be brought back is said to be off until an action does it', async () => {
    const { fake, uuid } = await drifted({ ...syncOnly, powerStatePolicy: 'enforce' }, stop);
    await using _fake = fake;
    await fake.clock.advance(60_000);
    expect((await recordOf(fake, uuid)).events).toEqual([['compute_sync_power_state', 'Success']]);
    expect((await fake.store.listActions(uuid))[0]).toMatchObject({ operation: 'start', state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
  });

  it('does not take for stopped what is started again when the host has booted', async () => {
    const { fake, uuid } = await drifted({ ...syncOnly, guestsOnHostBoot: 'resume' }, stop);
    await using _fake = fake;
    expect((await fake.compute.api.get(tenant, uuid)).vmState).toBe('active');
    await fake.clock.advance(60_000);
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    expect(fake.hypervisor.look(uuid).guest?.state).toBe('running');
  });

  it('is not waited for when the hypervisor hangs, and the health says that it is pending', async () => {
    const hang = { type: 'hang', until: 'never' } as const;
    const { fake, uuid } = await drifted(syncOnly, (first, instanceUuid) => {
      stop(first, instanceUuid);
      first.hypervisor.faults.add({ at: 'inspect', times: 4, fault: hang });
    });
    await using _fake = fake;
    expect((await fake.compute.operator.health(admin)).firstSync).toBe('pending');
    fake.hypervisor.faults.clear();
    await fake.clock.advance(30 * 60_000);
    expect((await fake.compute.operator.health(admin)).firstSync).toBe('done');
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'stopped' });
  });
});

/** What is on record of an instance beside the actions that were asked for. */
async function recordOf({ store, compute }: FakeCompute, uuid: string) {
  const events = (await store.listEvents(uuid)).map(({ name, result }) => [name, result]);
  const faults = (await store.listFaults(uuid)).map(({ code }) => code);
  const query = { afterSequence: 0, instanceUuid: uuid, countMax: 100 };
  const stem = 'instance.power_state.';
  const all = await compute.operator.listNotifications(admin, query);
  const told = all
    .filter(({ eventType }) => eventType.startsWith(stem))
    .map(({ eventType }) => eventType.slice(stem.length));
  return { events, faults, told };
}

function lookOf(powerState: string): string | undefined {
  return { RUNNING: 'running', SHUTDOWN: 'shut-off', CRASHED: 'crashed' }[powerState];
}
