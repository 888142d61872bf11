import { isComputeError, type AcceptedAction } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, tenant } from './support/fake-compute.js';
import { brokenMovePromises } from './support/move-promises.js';
import { instanceUuid, perform, twoHosts, type TwoHosts } from './support/two-hosts.js';

/** A live migration of a guest that is so busy that it never ends by itself, well under way. */
async function endless(): Promise<{ readonly hosts: TwoHosts; readonly accepted: AcceptedAction }> {
  const hosts = await twoHosts({ storage: 'shared', bandwidthMibPerS: 10 });
  hosts.datacenter.host('alpha').setDirtyRate(instanceUuid, Infinity);
  const { alpha } = hosts;
  const accepted = await alpha.settled(
    alpha.compute.api.moves.liveMigrate(admin, instanceUuid, { destinationHost: 'beta' }),
  );
  await hosts.clock.advance(30_000);
  expect(await hosts.status()).toBe('running');
  return { hosts, accepted };
}

describe('a live migration', () => {
  it('is aborted, and its guest goes on where it was', async () => {
    const { hosts, accepted } = await endless();
    const { alpha } = hosts;

    await alpha.settled(alpha.compute.api.moves.abortLiveMigration(admin, instanceUuid));
    const action = await alpha.settled(accepted.finished);

    expect(action).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
    expect(await hosts.status()).toBe('cancelled');
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });

  it('of a busy guest ends when it is forced to', async () => {
    const { hosts, accepted } = await endless();
    const { alpha } = hosts;

    await alpha.settled(alpha.compute.api.moves.forceCompleteLiveMigration(admin, instanceUuid));
    const action = await alpha.settled(accepted.finished);

    expect(action).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active' });
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });

  it.each(['abortLiveMigration', 'forceCompleteLiveMigration'] as const)(
    'that is over takes no %s: there is none any more, and the instance lives',
    async (method) => {
      const { hosts, accepted } = await endless();
      const { alpha } = hosts;
      const before = await hosts.record();
      await alpha.settled(alpha.compute.api.moves.forceCompleteLiveMigration(admin, instanceUuid));
      await alpha.settled(accepted.finished);

      // The guest has left while its manager was asking, or had left before it was asked.
      const late = alpha.compute.manager.moves[method](admin, before);
      await expect(alpha.settled(late)).rejects.toMatchObject({ code: 'NO_ACTIVE_MIGRATION' });
      const asked = alpha.compute.api.moves[method](admin, instanceUuid);
      await expect(alpha.settled(asked)).rejects.toMatchObject({ code: 'NO_ACTIVE_MIGRATION' });
      expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active' });
    },
  );

  it('is cancelled like every action', async () => {
    const { hosts, accepted } = await endless();
    const { alpha } = hosts;

    await alpha.settled(alpha.compute.api.cancel(admin, accepted.action.uuid));
    const action = await alpha.settled(accepted.finished);

    expect(action).toMatchObject({ state: 'cancelled' });
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });

  it('that a delete overtakes leaves nothing at either end', async () => {
    const { hosts, accepted } = await endless();
    const { alpha } = hosts;

    const deleted = await perform(alpha, (context) => alpha.compute.api.delete(context, instanceUuid));

    expect(deleted.failure).toBeNull();
    expect(await alpha.settled(accepted.finished)).toMatchObject({ state: 'cancelled' });
    expect(await hosts.record()).toMatchObject({ vmState: 'deleted' });
    expect([hosts.leftOn('alpha'), hosts.leftOn('beta')]).toEqual([[], []]);
    expect(await hosts.status()).toBe('cancelled');
  });

  it('ends at its deadline', async () => {
    await using hosts = await twoHosts({ storage: 'shared', bandwidthMibPerS: 10 });
    hosts.datacenter.host('alpha').setDirtyRate(instanceUuid, Infinity);
    const { alpha } = hosts;

    const action = await perform(
      alpha,
      (context) =>
        alpha.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }, { deadlineMs: 60_000 }),
      'admin',
    );

    expect(action).toMatchObject({ state: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });

  it('whose link is cut on the way leaves the guest where it is', async () => {
    const { hosts, accepted } = await endless();
    hosts.datacenter.cutLink('alpha', 'beta');

    const action = await hosts.alpha.settled(accepted.finished);

    expect(action.state).not.toBe('succeeded');
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });

  it('whose manager has died does not take the guest away behind the back of the next one', async () => {
    const { hosts, accepted } = await endless();
    const { alpha, beta, datacenter } = hosts;
    const died = Promise.withResolvers<void>();
    alpha.hypervisor.faults.add({ at: 'readMigration', fault: { type: 'die', die: died.resolve } });
    await alpha.settled(died.promise);
    // The hypervisor goes on with it, and would be done long before the other host has answered.
    alpha.hypervisor.setDirtyRate(instanceUuid, 0);
    beta.hypervisor.faults.add({ at: 'inspect', fault: { type: 'hang', until: 'abort' } });

    const after = { ...hosts, alpha: await hosts.restarted('alpha') };
    await hosts.clock.advance(120_000);

    const action = await hosts.store.getAction(accepted.action.uuid);
    expect(action).toMatchObject({ state: 'failed', failure: { code: 'INTERRUPTED' } });
    expect(datacenter.hostsRunning(instanceUuid)).toEqual(['alpha']);
    expect(await brokenMovePromises(after, action)).toEqual([]);
  });

  it('is refused to tenants, to the same host and to a host nobody knows', async () => {
    await using hosts = await twoHosts();
    const { moves } = hosts.alpha.compute.api;
    const to = (destinationHost: string) => ({ destinationHost });
    const refusals = [
      [moves.liveMigrate(tenant, instanceUuid, to('beta')), 'FORBIDDEN'],
      [moves.liveMigrate(admin, instanceUuid, to('alpha')), 'MIGRATION_REFUSED'],
      [moves.abortLiveMigration(admin, instanceUuid), 'NO_ACTIVE_MIGRATION'],
      [moves.resize(tenant, instanceUuid, { flavor: { name: '', vcpus: 1, memoryMib: 1 } }), 'INVALID_INPUT'],
      [moves.confirmResize(tenant, instanceUuid), 'INSTANCE_INVALID_STATE'],
      [moves.evacuate(admin, instanceUuid), 'MIGRATION_REFUSED'],
      [moves.liveMigrate(admin, instanceUuid, to('gamma')), 'DESTINATION_UNAVAILABLE'],
      [moves.migrate(admin, instanceUuid, to('gamma')), 'DESTINATION_UNAVAILABLE'],
    ] as const;
    for (const [refused, code] of refusals) {
      await expect(refused).rejects.toSatisfy((failure) => isComputeError(failure, code), code);
    }
    expect(await hosts.store.listActions(instanceUuid)).toMatchObject([{ operation: 'build' }]);
  });

  it('is refused by a host that has no room', async () => {
    await using hosts = await twoHosts({ betaSize: { memoryMib: 100 } });
    const { alpha } = hosts;

    const action = await perform(
      alpha,
      (context) => alpha.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
      'admin',
    );

    expect(action).toMatchObject({ state: 'failed', failure: { code: 'INSUFFICIENT_RESOURCES' } });
    expect(await brokenMovePromises(hosts, action)).toEqual([]);
  });
});
