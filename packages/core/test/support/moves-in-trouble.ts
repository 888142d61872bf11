import { hostDied } from './dead-host.js';
import { admin, quietLife } from './fake-compute.js';
import { foreignError } from './promises.js';
import { instanceUuid, perform, twoHosts } from './two-hosts.js';

/**
 * The second host is making a guest of the dead one's: it takes ten minutes. The disks are shared, and the dead host starts its guests
 * again when it comes back. Its old manager has not noticed anything.
 */
export async function evacuationUnderWay() {
  const hosts = await hostDied({
    storage: 'shared',
    compute: { hostLife: { ...quietLife, guestsOnHostBoot: 'resume' } },
  });
  const { alpha: zombie, beta, datacenter } = hosts;
  const outdated = await hosts.record();
  datacenter.host('beta').faults.add({ at: 'spawn', fault: { type: 'delay', delayMs: 600_000 } });
  const { finished } = await beta.settled(beta.compute.api.moves.evacuate(admin, instanceUuid));
  await beta.clock.advance(1_000);
  return { hosts, zombie, outdated, evacuated: () => beta.settled(finished) };
}

/** A live migration that fails in the source's driver, and whose roll-back fails at the destination, however often it is tried. */
export async function failedLiveMigration() {
  const hosts = await twoHosts();
  const { alpha, datacenter } = hosts;
  const fault = { type: 'throw', error: foreignError() } as const;
  datacenter.host('alpha').faults.add({ at: 'liveMigration', fault });
  datacenter.host('beta').faults.add({ at: 'rollbackLiveMigrationAtDestination', times: 'always', fault });
  const asked = { destinationHost: 'beta' };
  const action = await perform(
    alpha,
    (context) => alpha.compute.api.moves.liveMigrate(context, instanceUuid, asked),
    'admin',
  );
  return { hosts, alpha, action };
}
