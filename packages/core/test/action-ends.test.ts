import { ComputeError, type AcceptedAction, type RequestContext, type TenantAction } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, type FakeCompute } from './support/fake-compute.js';
import { diesAt } from './support/process-death.js';
import { brokenPromises } from './support/promises.js';
import { RefusingStore } from './support/refusing-store.js';
import { ended, instanceUuid, ownerContext, runningInstance, toldOf } from './support/running-instance.js';

/** What was told of one request, without what was told of its guest. */
async function endsOf(fake: FakeCompute, context: { readonly requestId: string }) {
  return (await toldOf(fake, context)).filter((each) => /\.(start|end|error)$|^compute/.test(each));
}

async function promisesBroken(fake: FakeCompute, action: TenantAction): Promise<readonly string[]> {
  const settled = { fake, instanceUuid, action, planted: 'nothing', lostWrites: 'none' } as const;
  return await brokenPromises(settled, { 'record, providers and guest agree': 'the promises of ends are looked at' });
}

/** A stop pulls the plug: otherwise it would wait for a guest that is at work. */
function asked(fake: FakeCompute, name: 'pause' | 'suspend' | 'stop', owner: RequestContext): Promise<AcceptedAction> {
  const { api } = fake.compute;
  return name === 'stop' ? api.stop(owner, instanceUuid, { gracePeriodMs: 0 }) : api[name](owner, instanceUuid);
}

/** Resolves when the hypervisor is at a step of the request, which then hangs there. */
async function hangsAt(
  fake: FakeCompute,
  at: 'pauseCpus' | 'stop' | 'saveMemory',
  until: 'abort' | 'never',
  ask: () => Promise<AcceptedAction>,
): Promise<AcceptedAction> {
  fake.hypervisor.faults.add({ at, fault: { type: 'hang', until } });
  const accepted = await fake.settled(ask());
  await fake.clock.advance(1_000);
  return accepted;
}

describe('every end of an action', () => {
  it.each(['define', 'plugVif', 'start'] as const)(
    'tells an exception of a build that was killed at %s, once, with its fault and its end',
    async (at) => {
      const dead = await fakeCompute();
      const owner = ownerContext();
      await diesAt(dead, at, () => dead.compute.api.create(owner, createRequest({ uuid: instanceUuid })));
      await using fake = await dead.restarted();
      const [action] = await fake.store.listActions(instanceUuid);
      const told = await endsOf(fake, owner);
      const end =
        action?.state === 'succeeded' ? ['instance.create.end'] : ['instance.create.error', 'compute.exception'];
      expect(told).toEqual(['instance.create.start', ...end]);
      expect(await fake.store.listFaults(instanceUuid)).toHaveLength(action?.state === 'succeeded' ? 0 : 1);
    },
  );

  it.each([
    ['pause', 'pauseCpus'],
    ['suspend', 'saveMemory'],
    ['stop', 'stop'],
  ] as const)('tells one start and one end of a %s that is killed and done again, three times', async (name, at) => {
    let fake: FakeCompute = await runningInstance();
    const owner = ownerContext();
    await diesAt(fake, at, () => asked(fake, name, owner));
    for (let death = 2; death <= 3; death++) {
      const died = Promise.withResolvers<void>();
      fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve } });
      fake = await fake.restarted({ wait: 'for none' });
      await fake.settled(died.promise);
      fake.hypervisor.faults.clear();
    }
    await using last = await fake.restarted();
    const told = await endsOf(last, owner);
    expect(told.filter((each) => each.endsWith('.start'))).toHaveLength(1);
    expect(told.filter((each) => each.endsWith('.end'))).toHaveLength(1);
    expect(told).toHaveLength(2);
  });

  it.each(['delete', 'forceStop', 'softDelete'] as const)(
    'tells the error of an operation that a %s preempts, and no state that is not its own',
    async (preempting) => {
      await using fake = await runningInstance();
      const [owner, other] = [ownerContext(), ownerContext()];
      const { finished } = await hangsAt(fake, 'pauseCpus', 'abort', () => fake.compute.api.pause(owner, instanceUuid));
      const last = await ended(fake, fake.compute.api[preempting](other, instanceUuid));
      expect(await fake.settled(finished)).toMatchObject({ state: 'cancelled' });
      expect(await endsOf(fake, owner)).toEqual(['instance.pause.start', 'instance.pause.error']);
      expect(await promisesBroken(fake, last)).toEqual([]);
    },
  );

  it('tells fault, exception and error of an operation whose outcome nobody knows when it is preempted', async () => {
    await using fake = await runningInstance();
    const [owner, other] = [ownerContext(), ownerContext()];
    const { action } = await hangsAt(fake, 'pauseCpus', 'never', () => fake.compute.api.pause(owner, instanceUuid));
    const last = await ended(fake, fake.compute.api.delete(other, instanceUuid));
    const told = await endsOf(fake, owner);
    expect(told.toSorted()).toEqual(['compute.exception', 'instance.pause.error', 'instance.pause.start']);
    const faults = await fake.store.listFaults(instanceUuid);
    expect(faults.filter(({ actionUuid }) => actionUuid === action.uuid)).toHaveLength(1);
    expect(await promisesBroken(fake, last)).toEqual([]);
  });

  it('tells them of one that was killed and whose instance another operation holds by then', async () => {
    const dead = await runningInstance();
    const [owner, other] = [ownerContext(), ownerContext()];
    await hangsAt(dead, 'pauseCpus', 'never', () => dead.compute.api.pause(owner, instanceUuid));
    // The delete has its hold, and its process dies before it begins.
    await dead.compute.api.delete(other, instanceUuid);
    await using fake = await dead.restarted();
    const told = await endsOf(fake, owner);
    expect(told.toSorted()).toEqual(['compute.exception', 'instance.pause.error', 'instance.pause.start']);
    expect(await endsOf(fake, other)).toEqual(['instance.delete.start', 'instance.delete.end']);
  });
});

describe('the end of an action that the store refuses with a code of its own', () => {
  const isEnd = (write: StoreWrite): boolean =>
    write.write === 'update-action' && write.patch.finishedAtMs !== undefined;

  it.each(['INTERNAL', 'HYPERVISOR_UNAVAILABLE', 'QUEUE_FULL'] as const)(
    'is written when the store takes it: %s for a while',
    async (code) => {
      const store = new CodedStore(code);
      await using fake = await runningInstance({ store });
      store.refuses = isEnd;
      const { finished } = await fake.settled(fake.compute.api.pause(ownerContext(), instanceUuid));
      await fake.clock.advance(2_500);
      expect(store.strikes).toBeGreaterThan(1);
      store.refuses = () => false;
      const action = await fake.settled(finished);
      expect(action).toMatchObject({ state: 'succeeded' });
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: null, vmState: 'paused' });
    },
  );

  it.each(['put-event', 'put-fault', 'append-notification'] as const)(
    'ends without a %s that the store never takes, and the log tells',
    async (kind) => {
      const store = new CodedStore('INTERNAL');
      await using fake = await runningInstance({ store });
      fake.hypervisor.faults.add({ at: 'pauseCpus', fault: { type: 'throw', error: new Error('refused') } });
      store.refuses = (write) => write.write === kind && !('event' in write && write.event.finishedAtMs === null);
      if (kind === 'append-notification') {
        store.refuses = (write) => write.write === kind && !write.notification.eventType.endsWith('.start');
      }
      const action = await ended(fake, fake.compute.api.pause(ownerContext(), instanceUuid));
      expect(action).toMatchObject({ state: 'failed' });
      expect(await fake.store.getAction(action.uuid)).toMatchObject({ state: 'failed' });
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ taskState: null });
      expect(fake.logLines.some((line) => line.includes('refused by the store'))).toBe(true);
    },
  );
});

/** Another process takes the host while an operation of the first is at work; the first finds out when it wants to write. */
async function takenOver(name: 'pause' | 'suspend' | 'stop', at: 'pauseCpus' | 'saveMemory' | 'stop') {
  const first = await runningInstance();
  const died = Promise.withResolvers<void>();
  first.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve } });
  const { finished } = await first.settled(asked(first, name, ownerContext()));
  await first.settled(died.promise);
  first.hypervisor.faults.clear();
  return { first, finished };
}

describe('what is said of an action after the host was taken over', () => {
  it.each([
    ['pause', 'pauseCpus'],
    ['suspend', 'saveMemory'],
    ['stop', 'stop'],
  ] as const)('is what its record says: a %s that the successor ends as succeeded', async (name, at) => {
    const { first, finished } = await takenOver(name, at);
    await using second = await first.restarted();
    const [action] = await second.store.listActions(instanceUuid);
    expect(action).toMatchObject({ operation: name, state: 'succeeded' });
    // The renewal of the first finds that it was replaced; its driver call never answers.
    await first.clock.advance(60_000);
    expect(await first.settled(finished)).toMatchObject({ uuid: action?.uuid, state: 'succeeded', failure: null });
    await first.settled(first.compute.close());
  });

  it('is that it is not finished when no end is on record in time', async () => {
    const { first, finished } = await takenOver('pause', 'pauseCpus');
    const seen = await first.store.getSession('host-1');
    if (!seen) throw new Error('the host has no session');
    // Whoever takes the host does nothing there.
    await first.store.openSession({ host: 'host-1', holder: 'somebody', leaseMs: 600_000, takeOver: 'at-once' });
    await first.clock.advance(200_000);
    expect(await first.settled(finished)).toMatchObject({ state: 'running', failure: null, finishedAtMs: null });
    await first.settled(first.compute.close());
    expect(first.clock.sleeperCount).toBe(0);
  });
});

/** Refuses with a code that no store rule knows. */
class CodedStore extends RefusingStore {
  readonly #code: 'INTERNAL' | 'HYPERVISOR_UNAVAILABLE' | 'QUEUE_FULL';

  constructor(code: 'INTERNAL' | 'HYPERVISOR_UNAVAILABLE' | 'QUEUE_FULL') {
    super();
    this.#code = code;
  }

  override async commit(...args: Parameters<RefusingStore['commit']>) {
    try {
      return await super.commit(...args);
    } catch (failure) {
      if (failure instanceof ComputeError) throw failure;
      const details = { correlationId: 'c', operation: 'commit', pendingMax: 1 };
      throw new ComputeError(this.#code, details, { cause: failure });
    }
  }
}
