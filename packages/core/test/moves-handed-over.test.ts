import { describe, expect, it } from 'vitest';
import { admin } from './support/fake-compute.js';
import { brokenMovePromises } from './support/move-promises.js';
import { foreignError } from './support/promises.js';
import { shortDeadlinesMs } from './support/short-deadlines.js';
import { instanceUuid, perform, twoHosts, type TwoHosts } from './support/two-hosts.js';

/** What the managers of a move may do to each other when one is replaced, or when one is done and the other is not. */
describe('a move', () => {
  it('is not undone by a manager that was replaced while it waited', async () => {
    const hosts = await twoHosts({ compute: { driverTimeoutsMs: shortDeadlinesMs } });
    const { alpha, beta, clock } = hosts;
    beta.hypervisor.faults.add({ at: 'plugVif', fault: { type: 'hang', until: 'abort' } });
    await alpha.settled(alpha.compute.api.moves.migrate(admin, instanceUuid, { destinationHost: 'beta' }));
    await clock.advance(3_000);
    expect((await hosts.record()).taskState).toBe('resize_finish');

    // The first still believes that it leads. When its call fails it has what came removed, after its successor has finished it.
    const after = { ...hosts, alpha: await hosts.restarted('alpha') };
    await clock.advance(600_000);

    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'resized', taskState: null });
    expect(hosts.datacenter.hostsRunning(instanceUuid)).toEqual(['beta']);
    const confirmed = await perform(after.beta, (context) =>
      after.beta.compute.api.moves.confirmResize(context, instanceUuid),
    );
    expect(await brokenMovePromises(after, confirmed)).toEqual([]);
  });

  it('that has left something behind does not end what is done to the instance elsewhere', async () => {
    const { hosts } = await untidy();
    const { beta } = hosts;
    beta.hypervisor.faults.add({ at: 'stop', fault: { type: 'delay', delayMs: 20_000 } });

    const reboot = await perform(beta, (context) => beta.compute.api.reboot(context, instanceUuid, 'HARD'));
    await hosts.clock.advance(120_000);

    expect(reboot).toMatchObject({ state: 'succeeded', failure: null });
    expect(await hosts.status()).toBe('completed');
    expect(await brokenMovePromises(hosts, reboot)).toEqual([]);
  });

  it('goes back to where another has left something only when that is removed', async () => {
    const { hosts } = await untidy();
    const { beta } = hosts;
    const goBack = () =>
      perform(
        beta,
        (context) => beta.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'alpha' }),
        'admin',
      );

    const tooEarly = await goBack();
    await hosts.clock.advance(120_000);
    const later = await goBack();

    expect(tooEarly).toMatchObject({ state: 'failed', failure: { code: 'MIGRATION_REFUSED' } });
    expect(later).toMatchObject({ state: 'succeeded' });
    expect(hosts.datacenter.hostsRunning(instanceUuid)).toEqual(['alpha']);
    expect(await brokenMovePromises(hosts, later)).toEqual([]);
  });

  it('whose manager dies while a disk is on its way does not have it arrive after all', async () => {
    const hosts = await twoHosts({ storage: 'own', bandwidthMibPerS: 100 });
    const { alpha, clock } = hosts;
    const { action } = await alpha.settled(
      alpha.compute.api.moves.migrate(admin, instanceUuid, { destinationHost: 'beta' }),
    );
    await clock.advance(3_000);
    expect(alpha.hypervisor.journal.entries.at(-1)).toMatchObject({ operation: 'sendDisk', outcome: 'under way' });
    const died = Promise.withResolvers<void>();
    alpha.hypervisor.faults.add({ at: 'inspect', fault: { type: 'die', die: died.resolve } });
    alpha.compute.manager.inspectInstance(admin, await hosts.record()).catch(() => undefined);
    await alpha.settled(died.promise);

    const after = { ...hosts, alpha: await hosts.restarted('alpha') };
    await clock.advance(120_000);

    expect(hosts.leftOn('beta')).toEqual([]);
    expect(await brokenMovePromises(after, await hosts.store.getAction(action.uuid))).toEqual([]);
  });

  it('that has failed is swept by a host that could not at its start', async () => {
    const hosts = await twoHosts();
    const { alpha, beta, clock } = hosts;
    const died = Promise.withResolvers<void>();
    alpha.hypervisor.faults.add({ at: 'checkCanLiveMigrateSource', fault: { type: 'die', die: died.resolve } });
    const { action } = await alpha.settled(
      alpha.compute.api.moves.liveMigrate(admin, instanceUuid, { destinationHost: 'beta' }),
    );
    await alpha.settled(died.promise);
    beta.hypervisor.faults.add({ at: 'inspect', fault: { type: 'throw', error: foreignError() }, times: 4 });

    const after: TwoHosts = { ...hosts, alpha: await hosts.restarted('alpha') };
    await beta.settled(beta.compute.close());
    const next = await hosts.restarted('beta');
    await clock.advance(120_000);

    expect(hosts.leftOn('beta')).toEqual([]);
    expect(await brokenMovePromises({ ...after, beta: next }, await hosts.store.getAction(action.uuid))).toEqual([]);
  });
});

/** A live migration that has arrived, and whose source could not be tidied up yet. */
async function untidy(): Promise<{ readonly hosts: TwoHosts }> {
  const hosts = await twoHosts();
  const { alpha } = hosts;
  const fault = { type: 'throw', error: foreignError() } as const;
  alpha.hypervisor.faults.add({ at: 'postLiveMigrationAtSource', fault, times: 4 });
  const action = await perform(
    alpha,
    (context) => alpha.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
    'admin',
  );
  expect(action.state).toBe('failed');
  expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active', taskState: null });
  return { hosts };
}
