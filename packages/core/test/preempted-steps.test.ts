import { ComputeError, type AcceptedAction } from '@virtkit/core';
import type { Operation } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import type { ActionStep } from '../src/model/action-step.js';
import { driverWith } from './support/driver-with.js';
import { admin, quietLife, type FakeComputeParts } from './support/fake-compute.js';
import { volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { instanceUuid } from './support/running-instance.js';
import { begin, perform, prepared } from './support/story-host.js';

const [first, second] = volumeIds;
const collecting = { everyMs: { ...quietLife.everyMs, releaseSweep: 60_000 } } as const;
const away = new ComputeError('STORE_UNAVAILABLE', {});

/**
 * The process of a story dies when a provider has done what it was asked. A force stop that preempts it is submitted and cancelled before the
 * next process begins it. `meanwhile`: what goes wrong with the next process from its start.
 */
async function preemptedForNothing(
  story: string,
  at: string,
  parts: FakeComputeParts = {},
  meanwhile: (fake: ProvidedCompute) => void = () => undefined,
): Promise<ProvidedCompute> {
  const { fake } = await prepared(story, parts);
  const died = Promise.withResolvers<void>();
  fake.providerFaults.add({ at, fault: { type: 'die', die: died.resolve, when: 'after' } });
  await fake.settled(begin(fake, story));
  await fake.settled(died.promise);
  fake.providerFaults.clear();
  const { action } = await fake.settled(begin(fake, 'forceStop'));
  const patch = { cancelRequestedAtMs: fake.clock.now() };
  await fake.store.commit([{ write: 'update-action', uuid: action.uuid, patch, guard: {} }]);
  meanwhile(fake);
  const next = { ...fake, ...(await fake.restarted()) };
  expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'cancelled', startedAtMs: null });
  return next;
}

/** Has a story begun whose call to the hypervisor is never answered, and a force stop preempt it at that moment. */
async function preemptedWhileHanging(
  fake: ProvidedCompute,
  story: string,
  at: Operation,
  when: 'before' | 'after',
): Promise<void> {
  const other = Promise.withResolvers<AcceptedAction>();
  const never = Promise.withResolvers<never>();
  const meet = async (): Promise<void> => {
    other.resolve(await begin(fake, 'forceStop'));
    await never.promise;
  };
  fake.hypervisor.faults.add({ at, fault: { type: 'meet', meet, when } });
  await fake.settled(begin(fake, story));
  const { finished } = await fake.settled(other.promise);
  fake.providerFaults.clear();
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
}

const instanceOf = ({ store }: ProvidedCompute) => store.getInstance(instanceUuid);
const openStepsOf = async ({ store }: ProvidedCompute): Promise<readonly ActionStep[]> =>
  (await store.listActions(instanceUuid)).flatMap(({ steps = [] }) => steps);
const recordedVolumes = async (fake: ProvidedCompute): Promise<readonly string[]> =>
  (await instanceOf(fake)).blockDevices.map(({ id }) => id);
const heldVolumes = ({ volumes }: ProvidedCompute): readonly string[] =>
  volumes.heldBy(instanceUuid).map(({ id }) => id);

describe('the steps of an action whose preempting operation never began', () => {
  it.each([
    ['attachVolume', 'volumes.connect', [first]],
    ['detachVolume', 'volumes.unreserve', []],
    ['detachVolume', 'volumes.disconnect', []],
    ['swapVolume', 'volumes.connect', [first]],
  ] as const)('are settled by the collector within a minute: %s at %s', async (story, at, left) => {
    await using fake = await preemptedForNothing(story, at, { hostLife: collecting });
    await fake.clock.advance(61_000);
    expect(await openStepsOf(fake)).toEqual([]);
    expect(await instanceOf(fake)).toMatchObject({ vmState: 'active', taskState: null, pendingRelease: [] });
    expect(await recordedVolumes(fake)).toEqual(left);
    expect(heldVolumes(fake)).toEqual(left);
  });

  it('are settled by the next operation, which loses nothing that it gets', async () => {
    await using fake = await preemptedForNothing('attachVolume', 'volumes.connect');
    expect((await perform(fake, 'attachVolume')).state).toBe('succeeded');
    expect(await openStepsOf(fake)).toEqual([]);
    expect((await perform(fake, 'forceStop')).state).toBe('succeeded');
    expect(await recordedVolumes(fake)).toEqual([first, second]);
    expect(heldVolumes(fake)).toEqual([first, second]);
  });

  it('are settled after an administrator has reset the state of an instance that was being worked at', async () => {
    const { fake } = await prepared('attachVolume', { hostLife: collecting });
    fake.providerFaults.add({ at: 'volumes.connect', fault: { type: 'hang', until: 'abort', when: 'after' } });
    const { finished } = await fake.settled(begin(fake, 'attachVolume'));
    await fake.settled(fake.compute.operator.resetState(admin, instanceUuid, 'active'));
    await fake.settled(finished);
    expect(await openStepsOf(fake)).toHaveLength(1);
    await fake.clock.advance(61_000);
    expect(await openStepsOf(fake)).toEqual([]);
    expect(heldVolumes(fake)).toEqual([first]);
    await fake.settled(fake.compute.close());
  });

  it('wait while the driver or the provider does not answer', async () => {
    const [at, error] = ['inspect', new ComputeError('HYPERVISOR_UNAVAILABLE', {})] as const;
    await using fake = await preemptedForNothing(
      'attachVolume',
      'volumes.connect',
      { hostLife: collecting },
      ({ hypervisor }) => hypervisor.faults.add({ at, times: 'always', fault: { type: 'throw', error } }),
    );
    await fake.clock.advance(61_000);
    expect(await openStepsOf(fake)).toHaveLength(1);
    fake.hypervisor.faults.clear();
    fake.providerFaults.add({ at: 'volumes.unreserve', fault: { type: 'throw', error: away } });
    await fake.clock.advance(61_000);
    expect(await openStepsOf(fake)).toEqual([]);
    await fake.clock.advance(61_000);
    expect(await instanceOf(fake)).toMatchObject({ pendingRelease: [] });
    expect(heldVolumes(fake)).toEqual([first]);
  });
});

describe('a step that nobody has settled', () => {
  it.each([
    [{ step: 'get-volume', volumeId: first, reservationId: 'an earlier one', bus: 'virtio' }],
    [{ step: 'give-volume-back', volumeId: first, reservationId: 'an earlier one' }],
    [{ step: 'get-interfaces', reservationId: 'an earlier one', besides: [] }],
  ] as const)('takes nothing that a later action has got: %o', async (step) => {
    const { fake } = await prepared('detachVolume');
    const [built] = await fake.store.listActions(instanceUuid);
    const uuid = built?.uuid ?? '';
    await fake.store.commit([{ write: 'update-action', uuid, patch: { steps: [step] }, guard: {} }]);
    const before = await instanceOf(fake);
    expect((await perform(fake, 'forceStop')).state).toBe('succeeded');
    const { blockDevices, networkInterfaces } = await instanceOf(fake);
    expect(await openStepsOf(fake)).toEqual([]);
    expect({ blockDevices, networkInterfaces }).toEqual({
      blockDevices: before.blockDevices,
      networkInterfaces: before.networkInterfaces,
    });
    expect(heldVolumes(fake)).toEqual([first]);
    expect(fake.networks.idsOf(instanceUuid)).toEqual(networkInterfaces.map(({ id }) => id));
    await fake.settled(fake.compute.close());
  });
});

describe('a swap whose end nobody has written down', () => {
  const definition = driverWith((all) => ({ ...all, blockStats: { unsupportedBecause: 'it does not count' } }));

  /** The guest writes to the new volume, and the process dies before it hears of it; the next one carries out a force stop. */
  async function preemptedSwap(parts: FakeComputeParts): Promise<ProvidedCompute> {
    const { fake } = await prepared('swapVolume', { hostLife: collecting, ...parts });
    const died = Promise.withResolvers<void>();
    fake.hypervisor.faults.add({ at: 'swapVolume', fault: { type: 'die', die: died.resolve, when: 'after' } });
    await fake.settled(begin(fake, 'swapVolume'));
    await fake.settled(died.promise);
    fake.hypervisor.faults.clear();
    const { action } = await fake.settled(begin(fake, 'forceStop'));
    const next = { ...fake, ...(await fake.restarted()) };
    await next.settled(next.compute.recovered());
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    return next;
  }

  it('is decided by the counters of the guest', async () => {
    await using fake = await preemptedSwap({});
    const { blockDevices } = await instanceOf(fake);
    expect(blockDevices).toMatchObject([{ id: second, source: { type: 'file', path: `/volumes/${second}.raw` } }]);
    expect(heldVolumes(fake)).toEqual([second]);
    expect(await openStepsOf(fake)).toEqual([]);
  });

  it('keeps both volumes while no driver can tell, and gives both back with the instance', async () => {
    await using fake = await preemptedSwap({ definition });
    await fake.clock.advance(120_000);
    expect(await recordedVolumes(fake)).toEqual([first]);
    expect(heldVolumes(fake)).toEqual([first, second]);
    expect((await instanceOf(fake)).pendingRelease).toMatchObject([{ kind: 'steps' }]);
    expect((await perform(fake, 'terminate')).state).toBe('succeeded');
    await fake.clock.advance(61_000);
    expect(heldVolumes(fake)).toEqual([]);
    expect(await openStepsOf(fake)).toEqual([]);
    expect((await instanceOf(fake)).pendingRelease).toEqual([]);
  });
});

describe('a volume that a guest does not let go of', () => {
  it('is recorded as soon as its provider tells where it is', async () => {
    const error = new ComputeError('DEVICE_DETACH_REFUSED', { instanceUuid, device: second });
    await using fake = await preemptedForNothing(
      'attachVolume',
      'volumes.connect',
      { hostLife: collecting },
      ({ hypervisor, providerFaults }) => {
        hypervisor.faults.add({ at: 'detachVolume', times: 'always', fault: { type: 'throw', error } });
        providerFaults.add({ at: 'volumes.connect', times: 'always', fault: { type: 'throw', error: away } });
      },
    );
    await fake.clock.advance(61_000);
    expect(await recordedVolumes(fake)).toEqual([first]);
    expect(await openStepsOf(fake)).toHaveLength(1);
    fake.providerFaults.clear();
    await fake.clock.advance(61_000);
    const { blockDevices } = await instanceOf(fake);
    expect(blockDevices.at(-1)).toMatchObject({ id: second, source: { path: `/volumes/${second}.raw` } });
    expect(await openStepsOf(fake)).toEqual([]);
  });
});

describe('a detach that is preempted while it is undone', () => {
  it.each(['before', 'after'] as const)(
    'leaves record and provider with the same reservation: %s the guest has the volume again',
    async (when) => {
      const { fake } = await prepared('detachVolume', { hostLife: collecting });
      fake.providerFaults.add({ at: 'volumes.unreserve', fault: { type: 'throw', error: away, when: 'after' } });
      await preemptedWhileHanging(fake, 'detachVolume', 'attachVolume', when);
      await fake.clock.advance(61_000);
      expect(await recordedVolumes(fake)).toEqual(heldVolumes(fake));
      expect((await perform(fake, 'start')).state).toBe('succeeded');
      await fake.settled(fake.compute.close());
    },
  );
});

describe.each(['swapVolume', 'detachVolume'] as const)('%s that is undone', (story) => {
  const points =
    story === 'swapVolume'
      ? ([
          ['volumes.reserve', 2],
          ['volumes.connect', 2],
          ['swapVolume', 2],
          ['volumes.disconnect', 2],
          ['volumes.unreserve', 2],
        ] as const)
      : ([
          ['volumes.reserve', 1],
          ['volumes.connect', 1],
          ['attachVolume', 1],
        ] as const);
  const cases = points.flatMap(([at, nth]) => (['before', 'after'] as const).map((when) => ({ at, nth, when })));

  /** The volume is given back, the answer is lost, and the operation is undone. */
  async function undone() {
    const { fake } = await prepared(story, { hostLife: collecting });
    fake.providerFaults.add({ at: 'volumes.unreserve', fault: { type: 'throw', error: away, when: 'after' } });
    return fake;
  }

  async function isWhole(fake: ProvidedCompute): Promise<void> {
    await fake.clock.advance(61_000);
    const { blockDevices } = await instanceOf(fake);
    const recorded = blockDevices.map(({ id, reservationId }) => ({ id, reservationId }));
    const held = fake.volumes.heldBy(instanceUuid).map(({ id, attachment }) => ({
      id,
      reservationId: attachment?.reservationId,
    }));
    expect(recorded).toEqual(held);
    if (story === 'swapVolume') expect(recorded).toHaveLength(1);
    expect(await openStepsOf(fake)).toEqual([]);
    expect((await perform(fake, 'terminate')).state).toBe('succeeded');
    await fake.clock.advance(61_000);
    expect(heldVolumes(fake)).toEqual([]);
    await fake.settled(fake.compute.close());
  }

  it.each(cases)(
    'leaves volumes held as they are recorded where the process dies $when $at',
    async ({ at, nth, when }) => {
      const fake = await undone();
      const died = Promise.withResolvers<void>();
      const fault = { type: 'die', die: died.resolve, when } as const;
      if (at === 'swapVolume' || at === 'attachVolume') fake.hypervisor.faults.add({ at, nth, fault });
      else fake.providerFaults.add({ at, nth, fault });
      await fake.settled(begin(fake, story));
      await fake.settled(died.promise);
      fake.providerFaults.clear();
      fake.hypervisor.faults.clear();
      const next = { ...fake, ...(await fake.restarted()) };
      await isWhole(next);
    },
  );

  it.each(cases)('leaves the same where a force stop preempts it $when $at', async ({ at, nth, when }) => {
    const fake = await undone();
    const other = Promise.withResolvers<AcceptedAction>();
    const never = Promise.withResolvers<never>();
    const meet = async (): Promise<void> => {
      other.resolve(await begin(fake, 'forceStop'));
      await never.promise;
    };
    if (at === 'swapVolume' || at === 'attachVolume')
      fake.hypervisor.faults.add({ at, nth, fault: { type: 'meet', meet, when } });
    else fake.providerFaults.add({ at, nth, fault: { type: 'meet', meet, when } });
    await fake.settled(begin(fake, story));
    const { finished } = await fake.settled(other.promise);
    fake.providerFaults.clear();
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    await isWhole(fake);
  });
});
