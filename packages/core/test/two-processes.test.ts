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

describe('two processes and one store', () => {
  it('carry out on the host what the other has accepted, for both to see', async () => {
    const { here, there, uuid } = await twoProcesses();
    await using _here = here;
    await using _there = there;

    const { action, finished } = await there.settled(there.compute.api.stop(tenant, uuid));
    expect(await there.store.getAction(action.uuid)).toMatchObject({ host: 'host-1', state: 'queued' });
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
    ['wanted no more', {}, 'cancelled', 'ABORTED'],
    ['past its deadline', { deadlineMs: 5_000 }, 'failed', 'DEADLINE_EXCEEDED'],
  ] as const)('end an action that is %s before it began, and free its instance', async (what, options, state, code) => {
    const first = await fakeCompute({ hostLife: quietLife });
    const { clock, store, hypervisor } = first;
    const { uuid } = await builtInstance(first);
    await using there = await fakeCompute({ hostLife: quietLife, host: 'host-2', clock, store });
    const { action } = await there.settled(there.compute.api.stop(tenant, uuid, options));
    if (what === 'wanted no more') await there.settled(there.compute.api.cancel(tenant, action.uuid));
    await clock.advance(6_000);
    hypervisor.journal.clear();

    // The host's own process sweeps only from its next life on; recovery is kept from it by never having died.
    await first.settled(first.compute.close());
    await using here = await fakeCompute({ ...sweeping, clock, store, hypervisor });
    await clock.advance(3_000);

    expect(await store.getAction(action.uuid)).toMatchObject({ state, failure: { code } });
    expect(await store.getInstance(uuid)).toMatchObject({ vmState: 'active', taskState: null, taskOwner: null });
    expect(here.hypervisor.look(uuid).guest?.state).toBe('running');
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
