import { computeLog, createCompute, type InstanceAction } from '@virtkit/core';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { admin, fakeCompute, quietLife, tenant, type FakeCompute } from './support/fake-compute.js';

const sweeping = { hostLife: { everyMs: { ...quietLife.everyMs, actionSweep: 1_000 } } } as const;

/** The manager of host-1, and that of host-2, which has the same store and nothing of host-1's hypervisor. */
async function twoProcesses(): Promise<{ here: FakeCompute; there: FakeCompute; uuid: string }> {
  const here = await fakeCompute(sweeping);
  const { clock, store } = here;
  const { uuid } = await builtInstance(here);
  return { here, there: await fakeCompute({ ...sweeping, host: 'host-2', clock, store }), uuid };
}

/** An action to stop an instance, as another process has left it in the queue. */
async function queued({ store }: FakeCompute, instanceUuid: string, late: Partial<InstanceAction>) {
  const [build] = await store.listActions(instanceUuid);
  if (!build) throw new Error('the instance was never built');
  const fresh = { state: 'queued', epoch: null, startedAtMs: null, finishedAtMs: null, result: null } as const;
  const uuid = globalThis.crypto.randomUUID();
  const action: InstanceAction = { ...build, ...fresh, ...late, uuid, name: 'stop', operation: 'stop', parameters: {} };
  const hold = { taskState: 'powering-off', taskOwner: uuid } as const;
  await store.commit([
    { write: 'update-instance', uuid: instanceUuid, patch: hold, guard: { taskState: [null] } },
    { write: 'create-action', action },
  ]);
  return action;
}

describe('two processes and one store', () => {
  it('carry out on the host what the other has accepted, for both to see', async () => {
    const { here, there, uuid } = await twoProcesses();
    await using _here = here;
    await using _there = there;

    const { action, finished } = await there.settled(there.compute.api.stop(tenant, uuid));
    expect(await there.store.getAction(action.uuid)).toMatchObject({ host: 'host-1' });
    expect(await there.settled(finished)).toMatchObject({ state: 'succeeded' });
    expect(await here.store.getInstance(uuid)).toMatchObject({ vmState: 'stopped', taskState: null });
    expect(here.hypervisor.look(uuid).guest?.state).toBe('shut-off');
    expect((await here.store.listEvents(action.uuid))[0]).toMatchObject({ operator: { host: 'host-1' } });
  });

  it('cancel what runs there by a wish in its record', async () => {
    const { here, there, uuid } = await twoProcesses();
    await using _here = here;
    await using _there = there;
    here.hypervisor.faults.add({ at: 'powerOff', fault: { type: 'hang', until: 'abort' } });

    const { action, finished } = await there.settled(there.compute.api.stop(tenant, uuid));
    await there.clock.advance(3_000);
    expect(await here.store.getAction(action.uuid)).toMatchObject({ state: 'running' });
    await there.settled(there.compute.api.cancel(tenant, action.uuid));
    expect(await there.settled(finished)).toMatchObject({ state: 'cancelled' });
    expect(await here.store.getInstance(uuid)).toMatchObject({ taskState: null });
  });

  it.each([
    ['wanted no more', { cancelRequestedAtMs: 1 }, 'cancelled', 'ABORTED'],
    ['past its deadline', { deadlineAtMs: 1 }, 'failed', 'DEADLINE_EXCEEDED'],
  ] as const)('end an action that is %s before it began, and free its instance', async (_, late, state, code) => {
    await using here = await fakeCompute(sweeping);
    const { uuid } = await builtInstance(here);
    const action = await queued(here, uuid, late);

    await here.clock.advance(3_000);

    expect(await here.store.getAction(action.uuid)).toMatchObject({ state, failure: { code } });
    expect(await here.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null, taskOwner: null });
    expect(await here.store.listFaults(uuid)).toMatchObject([{ code, actionUuid: action.uuid }]);
    expect(here.hypervisor.look(uuid).guest?.state).toBe('running');
  });

  it('do not begin at the start of one what was wanted no more before', async () => {
    const first = await fakeCompute();
    const { uuid } = await builtInstance(first);
    const action = await queued(first, uuid, { cancelRequestedAtMs: 1 });
    await using next = await first.restarted();
    expect(await next.store.getAction(action.uuid)).toMatchObject({ state: 'cancelled' });
    expect(await next.store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null });
  });

  it('say in their health what waits in the queue of a host, and for whom', async () => {
    await using here = await fakeCompute({ hostLife: quietLife });
    const { clock, store } = here;
    const { uuid } = await builtInstance(here);
    await using there = await fakeCompute({ hostLife: quietLife, host: 'host-2', clock, store });
    const { action } = await there.settled(there.compute.api.stop(tenant, uuid));

    const { busy, session } = await here.compute.operator.health(admin);
    expect(busy).toMatchObject([
      { instanceUuid: uuid, taskState: 'powering-off', taskOwner: action.uuid, carriedOut: null },
    ]);
    expect(session?.heldUntilMs).toBeGreaterThan(clock.now());
  });
});

describe('a process that is started while another looks after its host', () => {
  it('says in its log that it waits, and for how long, before it is refused', async () => {
    await using first = await fakeCompute();
    const { clock, hypervisor, store } = first;
    const lines: string[] = [];
    const log = computeLog({ destination: { write: (line) => void lines.push(line) } });
    const starting = createCompute({
      host: 'host-1',
      clock,
      store,
      log,
      drivers: [fakeDriver],
      driver: { name: 'fake', configuration: { hypervisor } },
    });
    await expect(first.settled(starting)).rejects.toMatchObject({ code: 'HOST_TAKEN' });
    const waiting = lines.filter((line) => line.includes('waiting for the lease of another process'));
    expect(waiting.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ host: 'host-1', retryAfterMs: expect.any(Number) }),
    );
  });
});
