import { isComputeError, type AcceptedAction, type RequestContext } from '@virtkit/core';
import { driverMethods } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { driverWith } from './support/driver-with.js';
import { admin, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';
import { legacyInstance } from './support/legacy-instance.js';
import { imageId, type ProvidedCompute } from './support/memory-providers.js';
import { ended, instanceUuid, runningInstance } from './support/running-instance.js';
import { secondRecord, standing, stranger } from './support/second-record.js';

type Api = FakeCompute['compute']['api'];
type Request = (api: Api, who: RequestContext) => Promise<AcceptedAction>;

const requests: Readonly<Record<string, Request>> = {
  'hard reboot': (api, who) => api.reboot(who, instanceUuid, 'HARD'),
  rebuild: (api, who) => api.repair.rebuild(who, instanceUuid, { imageId }),
  rescue: (api, who) => api.repair.rescue(who, instanceUuid),
  stop: (api, who) => api.stop(who, instanceUuid),
  'forced stop': (api, who) => api.forceStop(who, instanceUuid),
  'soft delete': (api, who) => api.softDelete(who, instanceUuid),
};

const generationOf = ({ hypervisor }: FakeCompute): string | null | undefined =>
  hypervisor.look(instanceUuid).guest?.definition.generation;

describe('a record that means another guest than the one that is there', () => {
  it.each([
    ['the same project', tenant],
    ['another project', stranger],
  ])('is a build of %s that was refused, and its delete touches nothing', async (_, who) => {
    const { fake, build, before } = await secondRecord(who);
    await using _fake = fake;
    expect(build).toMatchObject({ state: 'failed', failure: { code: 'INSTANCE_EXISTS' } });
    expect(standing(fake)).toEqual(before);
    expect(await ended(fake, fake.compute.api.delete(who, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(standing(fake)).toEqual(before);
  });

  it.each(Object.entries(requests))('leaves it alone in a %s', async (_, request) => {
    const { fake, before } = await secondRecord(stranger);
    await using _fake = fake;
    await ended(fake, request(fake.compute.api, stranger));
    expect(standing(fake)).toEqual(before);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ powerState: 'NOSTATE' });
  });

  it('leaves the disks alone that are left of it when it is lost', async () => {
    const { fake, build, before } = await secondRecord(stranger, ({ hypervisor }) =>
      hypervisor.loseGuest(instanceUuid),
    );
    await using _fake = fake;
    expect(build).toMatchObject({ failure: { code: 'INSTANCE_EXISTS' } });
    for (const name of ['hard reboot', 'rebuild'])
      await ended(fake, requests[name]?.(fake.compute.api, stranger) as never);
    await ended(fake, fake.compute.api.delete(stranger, instanceUuid));
    expect(standing(fake)).toEqual(before);
  });

  it.each<readonly [string, (fake: ProvidedCompute) => Promise<unknown>]>([
    ['console output', ({ compute }) => compute.api.getConsoleOutput(stranger, instanceUuid)],
    ['a VNC token', ({ compute }) => compute.api.consoles.create(stranger, instanceUuid, 'vnc')],
    ['a serial token', ({ compute }) => compute.api.consoles.create(stranger, instanceUuid, 'serial')],
    ['diagnostics', ({ compute }) => compute.api.diagnostics(admin, instanceUuid)],
  ])('shows nothing of it: %s', async (_, ask) => {
    const { fake } = await secondRecord(stranger);
    await using _fake = fake;
    const failure = await fake.settled(ask(fake)).catch((thrown: unknown) => thrown);
    expect(isComputeError(failure, 'GUEST_LOST'), String(failure)).toBe(true);
  });

  it('never takes its state from it, whoever tells of that, and the operator hears of the guest', async () => {
    const hostLife = { everyMs: { ...quietLife.everyMs, powerSync: 60_000, guestAudit: 60_000 } };
    const { fake, before } = await secondRecord(stranger, undefined, hostLife);
    await using _fake = fake;
    await fake.clock.advance(200_000);
    fake.hypervisor.stopGuest(instanceUuid);
    await fake.clock.advance(200_000);
    expect(await fake.compute.api.get(stranger, instanceUuid)).toMatchObject({
      vmState: 'error',
      powerState: 'NOSTATE',
    });
    expect((await fake.compute.operator.health(admin)).unknownGuests).toEqual([
      { instanceUuid, because: 'another generation' },
    ]);
    expect(standing(fake)).toMatchObject({ disks: (before as { disks: object }).disks });
  });

  it('has it reaped by no policy for the guests of deleted instances', async () => {
    const hostLife = { everyMs: { ...quietLife.everyMs, guestAudit: 60_000 }, guestsOfDeleted: 'reap' } as const;
    const { fake, before } = await secondRecord(stranger, undefined, hostLife);
    await using _fake = fake;
    await ended(fake, fake.compute.api.delete(stranger, instanceUuid));
    await fake.clock.advance(200_000);
    expect(standing(fake)).toEqual(before);
  });
});

describe('the generation of a guest', () => {
  it('is the uuid of the action that has built it, on record before the driver is asked', async () => {
    await using fake = await runningInstance();
    const [action] = await fake.store.listActions(instanceUuid);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ generation: action?.uuid });
    expect(generationOf(fake)).toBe(action?.uuid);
  });

  it.each<readonly [string, readonly Request[]]>([
    ['a hard reboot', [(api, who) => api.reboot(who, instanceUuid, 'HARD')]],
    ['a stop and a start', [(api, who) => api.stop(who, instanceUuid), (api, who) => api.start(who, instanceUuid)]],
    [
      'a rescue',
      [(api, who) => api.repair.rescue(who, instanceUuid), (api, who) => api.repair.unrescue(who, instanceUuid)],
    ],
    ['a rebuild in place', [(api, who) => api.repair.rebuild(who, instanceUuid, { imageId })]],
  ])('is kept through %s', async (_, steps) => {
    await using fake = await runningInstance();
    const { generation } = await fake.store.getInstance(instanceUuid);
    for (const step of steps)
      expect(await ended(fake, step(fake.compute.api, tenant))).toMatchObject({ state: 'succeeded' });
    expect(generationOf(fake)).toBe(generation);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ generation });
  });

  it('is new after a rebuild by destroy and spawn', async () => {
    const definition = driverWith((all) => ({ ...all, rebuild: { unsupportedBecause: 'of this test' } }));
    await using fake = await runningInstance({ definition });
    const rebuilt = await ended(fake, fake.compute.api.repair.rebuild(tenant, instanceUuid, { imageId }));
    expect(rebuilt).toMatchObject({ state: 'succeeded' });
    expect(generationOf(fake)).toBe(rebuilt.uuid);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ generation: rebuilt.uuid });
  });

  it('is new after an unshelve of what was offloaded', async () => {
    await using fake = await runningInstance();
    const { images } = fake.compute.api;
    await ended(fake, images.shelve(tenant, instanceUuid));
    await ended(fake, images.shelveOffload(tenant, instanceUuid));
    const back = await ended(fake, images.unshelve(tenant, instanceUuid));
    expect(back).toMatchObject({ state: 'succeeded' });
    expect(generationOf(fake)).toBe(back.uuid);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ generation: back.uuid });
  });
});

describe('a guest from before generations', () => {
  it('is its record’s, and both get a generation with its next start', async () => {
    await using fake = await legacyInstance();
    const { api } = fake.compute;
    expect(await ended(fake, api.pause(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(generationOf(fake) ?? null).toBeNull();
    expect(await fake.settled(api.getConsoleOutput(tenant, instanceUuid))).toBeDefined();
    const reboot = await ended(fake, api.reboot(tenant, instanceUuid, 'HARD'));
    expect(reboot).toMatchObject({ state: 'succeeded' });
    expect(generationOf(fake)).toBe(reboot.uuid);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ generation: reboot.uuid });
    expect(await ended(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.guestUuids()).toEqual([]);
  });

  it.each(['before', 'after'] as const)('gets one once, when the process dies %s it has been given', async (when) => {
    await using dead = await legacyInstance();
    const died = Promise.withResolvers<void>();
    dead.hypervisor.faults.add({ at: 'define', fault: { type: 'die', die: died.resolve, when } });
    await dead.compute.api.reboot(tenant, instanceUuid, 'HARD');
    await dead.settled(died.promise);
    await using fake = await dead.restarted();
    const { vmState, generation } = await fake.store.getInstance(instanceUuid);
    expect(vmState).toBe('active');
    expect(generation).toBe(generationOf(fake));
    expect(await ended(fake, fake.compute.api.pause(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
  });

  it('is deleted by its record, also when it was given one by a start that a delete has preempted', async () => {
    await using fake = await legacyInstance();
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'hang', until: 'never' } });
    await fake.compute.api.reboot(tenant, instanceUuid, 'HARD');
    await fake.clock.advance(1_000);
    expect(generationOf(fake)).toBeTypeOf('string');
    expect(await ended(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.guestUuids()).toEqual([]);
  });
});

describe('the comparison of generations', () => {
  it('asks the driver nothing that was not asked before, of instances that this process has built', async () => {
    await using fake = await fakeCompute();
    const { uuid } = await builtInstance(fake);
    const { api } = fake.compute;
    fake.hypervisor.journal.clear();
    for (const name of ['pause', 'unpause', 'stop', 'start', 'suspend', 'resume'] as const) {
      await ended(fake, api[name](tenant, uuid));
    }
    await fake.settled(api.getConsoleOutput(tenant, uuid));
    await ended(fake, api.delete(tenant, uuid));
    expect(callsOf(fake)).toEqual('pause unpause powerOff powerOn suspend resume getConsoleOutput destroy'.split(' '));
  });

  it('asks once for each instance that an earlier process has left', async () => {
    const first = await fakeCompute();
    const { uuid } = await builtInstance(first);
    await first.settled(first.compute.close());
    await using fake = await first.restarted();
    fake.hypervisor.journal.clear();
    const { api } = fake.compute;
    await ended(fake, api.pause(tenant, uuid));
    await ended(fake, api.unpause(tenant, uuid));
    await fake.settled(api.getConsoleOutput(tenant, uuid));
    expect(callsOf(fake)).toEqual(['inspect', 'pause', 'unpause', 'getConsoleOutput']);
  });

  it('asks nothing more at all where the first comparison of all guests has asked', async () => {
    const first = await fakeCompute();
    const { uuid } = await builtInstance(first);
    await first.settled(first.compute.close());
    const { hypervisor, clock, store } = first;
    const hostLife = { everyMs: { ...quietLife.everyMs, powerSync: 600_000 } };
    await using fake = await fakeCompute({ hypervisor, clock, store, hostLife });
    await fake.clock.advance(1_000);
    hypervisor.journal.clear();
    await ended(fake, fake.compute.api.pause(tenant, uuid));
    expect(callsOf(fake)).toEqual(['pause']);
  });

  it('asks again after a call has failed', async () => {
    await using fake = await fakeCompute();
    const { uuid } = await builtInstance(fake);
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: new Error('no') } });
    await ended(fake, fake.compute.api.pause(tenant, uuid));
    fake.hypervisor.loseGuest(uuid);
    fake.hypervisor.journal.clear();
    await ended(fake, fake.compute.api.pause(tenant, uuid)).catch(() => undefined);
    const failure = await fake.settled(fake.compute.api.getConsoleOutput(tenant, uuid)).catch((each: unknown) => each);
    expect(isComputeError(failure, 'GUEST_LOST')).toBe(true);
    expect(callsOf(fake)).toContain('inspect');
  });
});

function callsOf({ hypervisor }: FakeCompute): readonly string[] {
  const methods: readonly string[] = driverMethods;
  return hypervisor.journal.entries.map(({ operation }) => operation).filter((each) => methods.includes(each));
}
