import { ComputeError } from '@virtkit/core';
import type { InstancePatch } from '@virtkit/core/store';
import type { DriverMethod, FakeHypervisor } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { askedOfDrivers } from '../support/asked-of-drivers.js';
import { leaveBehind } from '../support/left-behind.js';
import { instanceUuid, ownerContext, runningInstance } from '../support/running-instance.js';
import { storyOf } from '../support/stories/all-stories.js';
import { large, perform, twoHosts, type TwoHosts } from '../support/two-hosts.js';

const refused = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'clean up' });

describe('Nova’s acceptance cases: instances that _init_instance leaves alone', () => {
  it.each([
    ['I1: one of another host', { host: 'host-2', taskState: 'powering-off', taskOwner: 'somebody there' }],
    ['I2a: an idle one that is soft-deleted', { vmState: 'soft-delete' }],
    ['I3a: an idle one in error', { vmState: 'error' }],
    ['I4: a deleted one (Nova: finishes its deletion; ours is written when it is finished)', { vmState: 'deleted' }],
    ['I15: an idle one that runs (Nova: plugs its vifs, and of most failures the service ends)', {}],
  ] as const satisfies readonly (readonly [string, InstancePatch])[])('%s', async (_title, patch) => {
    const dead = await runningInstance();
    await dead.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
    const before = await dead.store.getInstance(instanceUuid);
    const asked = askedOfDrivers([dead.hypervisor]);
    await using fake = await dead.restarted();
    expect(await fake.store.getInstance(instanceUuid)).toBe(before);
    expect(asked).toEqual([]);
  });
});

describe('Nova’s acceptance cases: what nobody had begun', () => {
  it('I5g: a build is begun (Nova: in error)', async () => {
    const dead = await runningInstance();
    dead.hypervisor.loseGuest(instanceUuid);
    const left = { operation: 'build', vmState: 'building', taskState: 'scheduling', state: 'queued' } as const;
    const uuid = await leaveBehind(dead, left);
    await using fake = await dead.restarted();
    await fake.clock.advance(1_000);
    expect(await fake.store.getAction(uuid)).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});

describe('Nova’s acceptance cases: what _init_instance does again and fails', () => {
  it.each([
    ['I9c: a delete leaves it active (Nova: in error, its task state kept)', [], 'terminate', 'deleting', 'active'],
    [
      'I10l: a reboot leaves one whose guest is off in error (Nova: the service ends)',
      ['stop'],
      'hardReboot',
      'rebooting_hard',
      'error',
    ],
    ['I12b: an unpause leaves it paused', ['pause'], 'unpause', 'unpausing', 'paused'],
    ['I13c: a stop leaves it active', [], 'stop', 'powering-off', 'active'],
    ['I14c: a start leaves it stopped', ['stop'], 'start', 'powering-on', 'stopped'],
  ] as const)('%s', async (_title, led, operation, taskState, after) => {
    const at = {
      terminate: 'destroy',
      hardReboot: 'reboot',
      unpause: 'unpause',
      stop: 'powerOff',
      start: 'powerOn',
    } as const;
    const dead = await runningInstance();
    for (const story of led) await endedAsPromised(dead, storyOf(story).begin(dead, ownerContext()));
    const uuid = await leaveBehind(dead, { operation, taskState });
    dead.hypervisor.faults.add({ at: at[operation], fault: { type: 'throw', error: refused } });
    await using fake = await dead.restarted();
    await fake.clock.advance(1_000);
    expect(await fake.store.getAction(uuid)).toMatchObject({ state: 'failed', failure: refused.toTenant() });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: after, taskState: null });
    expect(await fake.store.listFaults(instanceUuid)).toMatchObject([{ code: 'GUEST_OPERATION_FAILED' }]);
  });
});

/** The process of the first host dies where one of its driver's calls would begin, or end. */
async function diesAt(
  hosts: TwoHosts,
  hypervisor: FakeHypervisor,
  [at, when]: readonly [DriverMethod, 'before' | 'after'],
  ask: (hosts: TwoHosts) => Promise<unknown>,
): Promise<void> {
  const died = Promise.withResolvers<void>();
  hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve, when } });
  void ask(hosts).catch(() => undefined);
  await hosts.alpha.settled(died.promise);
  hypervisor.faults.clear();
}

describe('Nova’s acceptance cases: moves that _init_instance finds', () => {
  const resize = ({ alpha }: TwoHosts) =>
    perform(alpha, (context) => alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large }));
  const stop = ({ alpha }: TwoHosts) => perform(alpha, (context) => alpha.compute.api.stop(context, instanceUuid));
  const revert = ({ alpha }: TwoHosts) =>
    perform(alpha, (context) => alpha.compute.api.moves.revertResize(context, instanceUuid));

  it.each([
    ['I16a: resize_migrating, asked for', [], resize, ['migrateDiskAndPowerOff', 'before'], 'active'],
    ['I16b: resize_migrating, done', [], resize, ['migrateDiskAndPowerOff', 'after'], 'active'],
    ['I16c: resize_migrating of one that was off', [stop], resize, ['migrateDiskAndPowerOff', 'after'], 'stopped'],
    ['I19t: resize_finish, asked for (Nova: stuck)', [], resize, ['finishMigration', 'before'], 'active'],
    ['I19u: resize_finish, done (Nova: stuck)', [], resize, ['finishMigration', 'after'], 'active'],
    ['I19v: resize_reverting (Nova: stuck)', [resize], revert, ['finishRevertMigration', 'before'], 'active'],
  ] as const)('%s: goes back to where it was', async (title, led, ask, death, vmState) => {
    const hosts = await twoHosts();
    for (const earlier of led) await earlier(hosts);
    await diesAt(hosts, hosts.datacenter.host('alpha'), death, ask);
    expect(title).toContain((await hosts.record()).taskState);

    await using fake = await hosts.restarted('alpha');
    await fake.clock.advance(60_000);

    const settled = { vmState, taskState: null, taskOwner: null, host: 'alpha', flavor: { name: 'small' } };
    expect(await hosts.record()).toMatchObject(settled);
    expect(['failed', 'reverted']).toContain(await hosts.status());
    const guest = vmState === 'stopped' ? ['guest shut-off', 'disk'] : ['guest running', 'disk', 'vif'];
    expect(hosts.leftOn('alpha')).toEqual(guest);
  });

  it.each([
    ['I17a: goes on where it is', 'before', 'alpha', 'failed'],
    ['I17b: is where it has arrived (Nova: its migration is aborted, and in error)', 'after', 'beta', 'completed'],
  ] as const)('%s: a guest that was migrating', async (_title, when, host, status) => {
    const hosts = await twoHosts();
    const migrate = ({ alpha }: TwoHosts) =>
      perform(
        alpha,
        (context) => alpha.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
        'admin',
      );
    await diesAt(hosts, hosts.datacenter.host('alpha'), ['liveMigration', when], migrate);
    expect(await hosts.record()).toMatchObject({ taskState: 'migrating' });

    await using fake = await hosts.restarted('alpha');
    await fake.clock.advance(60_000);

    expect(await hosts.record()).toMatchObject({ host, vmState: 'active', taskState: null });
    expect(await hosts.status()).toBe(status);
    expect(hosts.datacenter.hostsRunning(instanceUuid)).toEqual([host]);
  });
});
