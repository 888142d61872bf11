import { isComputeError, type AcceptedAction, type ComputeApi, type RequestContext } from '@virtkit/core';
import { operatorFactsOf } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { builtInstance } from './support/built-instance.js';
import { hostDies } from './support/dead-host.js';
import { diesAt } from './support/process-death.js';
import { admin, fakeCompute, quietLife, tenant } from './support/fake-compute.js';
import { instanceUuid, large, perform, twoHosts, type TwoHosts } from './support/two-hosts.js';

const sweeping = { compute: { hostLife: { everyMs: { ...quietLife.everyMs, actionSweep: 1_000 } } } } as const;

/** Alpha is dead, and its manager with it: another has had the host since. */
async function alphaDies(hosts: TwoHosts): Promise<void> {
  await hostDies(hosts);
  const last = { host: 'alpha', holder: 'nobody', leaseMs: 1_000, takeOver: 'at-once' } as const;
  await hosts.store.closeSession(await hosts.store.openSession(last));
}

/** An action that beta has accepted for alpha, which died before it read its queue. */
async function queuedOnDeadHost(ask: (api: ComputeApi) => Promise<AcceptedAction>) {
  const hosts = await twoHosts();
  const accepted = await ask(hosts.beta.compute.api);
  await alphaDies(hosts);
  expect(await hosts.store.getAction(accepted.action.uuid)).toMatchObject({ state: 'queued', host: 'alpha' });
  return { hosts, accepted };
}

type Ask = (api: ComputeApi, context: RequestContext) => Promise<AcceptedAction>;

const requests = {
  stop: (api, context) => api.stop(context, instanceUuid),
  'hard reboot': (api, context) => api.reboot(context, instanceUuid, 'HARD'),
  pause: (api, context) => api.pause(context, instanceUuid),
  'force stop': (api, context) => api.forceStop(context, instanceUuid),
  'soft delete': (api, context) => api.softDelete(context, instanceUuid),
  resize: (api, context) => api.moves.resize(context, instanceUuid, { flavor: large }),
} as const satisfies Record<string, Ask>;

describe('of an instance on a dead host, another manager', () => {
  it.each(Object.keys(requests) as (keyof typeof requests)[])('refuses a %s, and writes nothing', async (name) => {
    await using hosts = await twoHosts();
    await alphaDies(hosts);
    const before = await hosts.record();
    const asked = requests[name](hosts.beta.compute.api, tenant);
    await expect(hosts.beta.settled(asked)).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE', effect: 'none' });
    expect(await hosts.record()).toEqual(before);
    expect(await hosts.store.listUnfinishedActions('alpha')).toEqual([]);
  });

  it('refuses to revert a resize', async () => {
    await using hosts = await twoHosts();
    const { alpha, beta } = hosts;
    const resized = await perform(alpha, (context) =>
      alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large }),
    );
    expect(resized).toMatchObject({ state: 'succeeded' });
    await alphaDies(hosts);
    const asked = beta.compute.api.moves.revertResize(tenant, instanceUuid);
    await expect(beta.settled(asked)).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
  });

  it.each(['stop', 'delete'] as const)(
    'cancels a queued %s in the place of its host, which does not begin it',
    async (name) => {
      const { hosts, accepted } = await queuedOnDeadHost((api) => api[name](tenant, instanceUuid));
      const { beta } = hosts;
      const cancelled = await beta.settled(beta.compute.api.cancel(tenant, accepted.action.uuid));
      expect(cancelled).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
      expect(await beta.settled(accepted.finished)).toMatchObject({ state: 'cancelled' });
      expect(await hosts.record()).toMatchObject({ vmState: 'active', taskState: null, taskOwner: null });
      hosts.datacenter.host('alpha').switchOn();
      await hosts.restarted('alpha');
      expect(await hosts.record()).toMatchObject({ host: 'alpha', taskState: null });
      expect(await hosts.store.getAction(accepted.action.uuid)).toMatchObject({ state: 'cancelled' });
    },
  );

  it.each([5_000, 60_000, 1])('ends a queued stop at its deadline of %i ms', async (deadlineMs) => {
    const { hosts, accepted } = await queuedOnDeadHost((api) => api.stop(tenant, instanceUuid, { deadlineMs }));
    const sinceMs = hosts.clock.now();
    const ended = await hosts.beta.settled(accepted.finished);
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
    expect(hosts.clock.now() - sinceMs).toBeLessThanOrEqual(deadlineMs + 2_000);
    expect(await hosts.record()).toMatchObject({ vmState: 'active', taskState: null });
    expect(await hosts.store.listFaults(instanceUuid)).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
  });

  it('leaves a cancel to the host when that has come back meanwhile', async () => {
    const hosts = await twoHosts(sweeping);
    hosts.datacenter.host('alpha').faults.add({ at: 'powerOff', fault: { type: 'hang', until: 'abort' } });
    const { alpha, beta } = hosts;
    const { action, finished } = await beta.settled(beta.compute.api.stop(tenant, instanceUuid));
    await hosts.clock.advance(2_000);
    expect(await hosts.store.getAction(action.uuid)).toMatchObject({ state: 'running' });
    await beta.settled(beta.compute.api.cancel(tenant, action.uuid));
    expect(await beta.settled(finished)).toMatchObject({ state: 'cancelled' });
    await alpha.settled(alpha.compute.close());
  });

  it('does not evacuate it while its delete is queued, and the delete is carried out when the host is back', async () => {
    const { hosts, accepted } = await queuedOnDeadHost((api) => api.delete(tenant, instanceUuid));
    const { beta } = hosts;
    const evacuated = beta.compute.api.moves.evacuate(admin, instanceUuid);
    await expect(beta.settled(evacuated)).rejects.toMatchObject({ code: 'INSTANCE_INVALID_STATE' });
    expect(await hosts.store.getAction(accepted.action.uuid)).toMatchObject({ state: 'queued' });
    hosts.datacenter.host('alpha').switchOn();
    await hosts.restarted('alpha');
    expect(await beta.settled(accepted.finished)).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ vmState: 'deleted' });
  });

  it.each(['stop', 'unplugVif', 'removeDisk'] as const)(
    'says of an evacuation that a delete which was at %s is in progress, and the returned host ends the delete',
    async (at) => {
      const hosts = await twoHosts();
      const { alpha, beta } = hosts;
      const { uuid } = await diesAt(alpha, at, () => alpha.compute.api.delete(tenant, instanceUuid));
      await alphaDies(hosts);
      const before = await hosts.record();
      const evacuated = beta.compute.api.moves.evacuate(admin, instanceUuid);
      await expect(beta.settled(evacuated)).rejects.toMatchObject({
        code: 'INSTANCE_INVALID_STATE',
        details: { operation: 'evacuate', attribute: 'task state', actual: 'deleting' },
        effect: 'none',
      });
      expect(await hosts.record()).toEqual(before);
      hosts.datacenter.host('alpha').switchOn();
      await hosts.restarted('alpha');
      expect(await hosts.record()).toMatchObject({ vmState: 'deleted', taskState: null });
      expect(await hosts.store.getAction(uuid)).toMatchObject({ state: 'succeeded' });
    },
  );

  it('evacuates it when the delete was cancelled', async () => {
    const { hosts, accepted } = await queuedOnDeadHost((api) => api.delete(tenant, instanceUuid));
    const { beta } = hosts;
    await beta.settled(beta.compute.api.cancel(tenant, accepted.action.uuid));
    const evacuated = await perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');
    expect(evacuated).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ host: 'beta' });
  });
});

describe('after a change of the host’s name', () => {
  it('requests for its instances are refused with both names for the operator, and the start warns of them', async () => {
    const before = await fakeCompute({ host: 'old-name' });
    const { uuid } = await builtInstance(before);
    await before.settled(before.compute.close());
    const { clock, store, hypervisor } = before;
    await using after = await fakeCompute({ host: 'new-name', clock, store, hypervisor });
    const failure: unknown = await after
      .settled(after.compute.api.stop(tenant, uuid))
      .catch((reason: unknown) => reason);
    expect(isComputeError(failure, 'HOST_UNAVAILABLE')).toBe(true);
    expect(operatorFactsOf(failure).message).toMatch(/old-name.*new-name/);
    expect((failure as Error).message).not.toContain('old-name');
    const warned = after.logLines.filter((line) => line.includes('hosts without a manager'));
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain('"hosts":["old-name"]');
  });

  it.each(['old-name', 'third-name'])('nothing is said where a manager looks after %s', async (host) => {
    await using before = await fakeCompute({ host });
    await builtInstance(before);
    const { clock, store } = before;
    await using other = await fakeCompute({ host: 'new-name', clock, store });
    expect(other.logLines.some((line) => line.includes('hosts without a manager'))).toBe(false);
  });
});
