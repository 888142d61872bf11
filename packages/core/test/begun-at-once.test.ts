import { MemoryStore, type Instance, type InstanceAction, type RequestOptions } from '@virtkit/core';
import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, quietLife, tenant } from './support/fake-compute.js';
import { ended, instanceUuid, ownerContext, runningInstance, toldOf } from './support/running-instance.js';

const otherUuid = '5ca1ab1e-0000-4000-8000-000000000001';

/** Makes the next commit, and answers later than anybody waits. */
class SlowStore extends MemoryStore {
  #isSlow = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    super({ now: () => clock.now() });
    this.#clock = clock;
  }

  beSlowOnce(): void {
    this.#isSlow = true;
  }

  override async commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    const committed = await super.commit(writes);
    if (this.#isSlow) {
      this.#isSlow = false;
      await this.#clock.sleep(60_000);
    }
    return committed;
  }
}

/** Remembers the writes of each commit. */
class CountingStore extends MemoryStore {
  readonly commits: (readonly StoreWrite[])[] = [];

  override async commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    this.commits.push(writes);
    return await super.commit(writes);
  }
}

async function counted() {
  const clock = new VirtualClock();
  const store = new CountingStore({ now: () => clock.now() });
  const fake = await runningInstance({ store, clock });
  store.commits.length = 0;
  return { fake, store };
}

describe('a request for an instance with which nothing is done', () => {
  it('is accepted and begun by one commit, and ended by another', async () => {
    const { fake, store } = await counted();
    await using _ = fake;
    expect(await ended(fake, fake.compute.api.pause(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(store.commits.map((writes) => writes.map(({ write }) => write))).toEqual([
      ['require-session', 'update-instance', 'create-action', 'put-event', 'append-notification'],
      ['require-session', 'update-instance', 'put-event', 'append-notification', 'update-action'],
    ]);
  });

  it('is on record as begun when it is answered: running, with its event open and its start told', async () => {
    const { fake, store } = await counted();
    await using _ = fake;
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'hang', until: 'abort' } });
    const context = ownerContext();
    const { action, instance } = await fake.compute.api.reboot(context, instanceUuid, 'HARD');
    expect(action).toMatchObject({ state: 'running', startedAtMs: action.acceptedAtMs });
    expect(instance).toMatchObject({ taskState: 'rebooting_hard' });
    const recorded: InstanceAction = await store.getAction(action.uuid);
    expect(recorded).toMatchObject({ state: 'running', epoch: expect.any(Number) as number });
    expect(await store.listEvents(action.uuid)).toMatchObject([
      { name: 'compute_reboot_instance', result: null, finishedAtMs: null },
    ]);
    expect(await toldOf(fake, context)).toEqual(['instance.reboot.start']);
  });

  it.each([
    ['succeeds', undefined, 'Success'],
    ['fails', new Error('no'), 'Error'],
  ] as const)('has one event, closed at its end, when it %s', async (_how, error, result) => {
    const { fake, store } = await counted();
    await using _ = fake;
    if (error) fake.hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error } });
    const context = ownerContext();
    const { uuid } = await ended(fake, fake.compute.api.reboot(context, instanceUuid, 'HARD'));
    const events = await fake.compute.operator.listEvents(admin, uuid);
    expect(events).toMatchObject([{ name: 'compute_reboot_instance', result }]);
    const [opened] = store.commits.flat().filter((write) => write.write === 'put-event');
    expect(events[0]?.id).toBe(opened?.event.id);
    expect(events[0]?.startedAtMs).toBe(opened?.event.startedAtMs);
    const told = await toldOf(fake, context);
    expect(told.filter((name) => name.endsWith('.start'))).toHaveLength(1);
    expect(told.filter((name) => /\.(end|error)$/u.test(name))).toHaveLength(1);
  });

  it('has written nothing when the store refuses the commit', async () => {
    const { fake, store } = await counted();
    await using _ = fake;
    const before: Instance = await store.getInstance(instanceUuid);
    const paused = { ...before, vmState: 'paused' as const };
    // Another process was quicker, between the look at the record and the commit.
    const { getInstance } = store;
    store.getInstance = async () => {
      store.getInstance = getInstance.bind(store);
      await store.commit([
        { write: 'update-instance', uuid: instanceUuid, patch: { vmState: paused.vmState }, guard: {} },
      ]);
      return before;
    };
    await expect(fake.compute.api.pause(tenant, instanceUuid)).rejects.toMatchObject({
      code: 'INSTANCE_INVALID_STATE',
    });
    expect(await store.getInstance(instanceUuid)).toMatchObject({ vmState: 'paused', taskState: null });
    expect((await store.listActions(instanceUuid)).map(({ operation }) => operation)).toEqual(['build']);
  });
});

describe('a request that has to wait for another', () => {
  it('is queued, and begun when the other has ended', async () => {
    const { fake } = await counted();
    await using _ = fake;
    fake.hypervisor.faults.add({ at: 'start', fault: { type: 'hang', until: 'abort' } });
    const reboot = await fake.compute.api.reboot(tenant, instanceUuid, 'HARD');
    const deleted = await fake.compute.api.delete(tenant, instanceUuid);
    expect(deleted.action).toMatchObject({ state: 'queued', startedAtMs: null });
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    expect(await fake.settled(reboot.finished)).toMatchObject({ state: 'cancelled' });
  });

  it('is queued where only the records know that another action runs', async () => {
    const { fake, store } = await counted();
    await using _ = fake;
    const [build] = await store.listActions(instanceUuid);
    const strange = { ...build, uuid: '0ff1ce00-0000-4000-8000-000000000001', idempotencyKey: null };
    await store.commit([{ write: 'create-action', action: { ...strange, state: 'running' } as InstanceAction }]);
    const pause = await fake.compute.api.pause(tenant, instanceUuid);
    expect(pause.action).toMatchObject({ state: 'queued' });
    expect(await store.getAction(pause.action.uuid)).toMatchObject({ startedAtMs: null });
  });
});

describe('a request whose commit is made and whose answer comes too late', () => {
  const sweeping = { hostLife: { everyMs: { ...quietLife.everyMs, actionSweep: 5_000 } } };

  async function doubted(options: (signal: AbortSignal) => RequestOptions, asked: 'pause' | 'create') {
    const clock = new VirtualClock();
    const store = new SlowStore(clock);
    const fake = await runningInstance({ store, clock, ...sweeping });
    const giveUp = new AbortController();
    clock.after(5_000, () => giveUp.abort());
    store.beSlowOnce();
    const context = ownerContext();
    const { api } = fake.compute;
    const request =
      asked === 'pause'
        ? api.pause(context, instanceUuid, options(giveUp.signal))
        : api.create(context, createRequest({ uuid: otherUuid }), options(giveUp.signal));
    const refusal: unknown = await fake.settled(
      request.then(
        () => expect.fail('it was answered'),
        (reason) => reason,
      ),
    );
    const uuid = asked === 'pause' ? instanceUuid : otherUuid;
    const [action] = await store.listActions(uuid);
    if (!action) return expect.fail('the commit was not made');
    await fake.settled(clock.sleep(120_000));
    return {
      fake,
      store,
      context,
      refusal,
      ended: await store.getAction(action.uuid),
      instance: await store.getInstance(uuid),
    };
  }

  it.each(['pause', 'create'] as const)('is carried out when its caller has only given up: %s', async (asked) => {
    const { fake, store, refusal, ended: action, instance, context } = await doubted((signal) => ({ signal }), asked);
    await using _ = fake;
    expect(refusal).toMatchObject({ effect: 'unknown' });
    expect(action).toMatchObject({ state: 'succeeded' });
    expect(instance).toMatchObject({ taskState: null, vmState: asked === 'pause' ? 'paused' : 'active' });
    expect(await store.listEvents(action.uuid)).toMatchObject([{ result: 'Success' }]);
    const told = await toldOf(fake, context);
    expect(told.filter((name) => name.endsWith('.start'))).toHaveLength(1);
    expect(told.filter((name) => /\.(end|error)$/u.test(name))).toHaveLength(1);
  });

  it.each(['pause', 'create'] as const)(
    'ends when its deadline is over, and asks the driver nothing: %s',
    async (asked) => {
      const { fake, store, ended: action, instance } = await doubted(() => ({ deadlineMs: 5_000 }), asked);
      await using _ = fake;
      expect(action).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
      expect(instance).toMatchObject({ taskState: null, vmState: asked === 'pause' ? 'active' : 'error' });
      expect(await store.listEvents(action.uuid)).toMatchObject([{ result: 'Error' }]);
      expect(fake.hypervisor.journal.entries.map(({ operation }) => operation)).not.toContain(
        asked === 'pause' ? 'pause' : 'spawn',
      );
    },
  );
});
