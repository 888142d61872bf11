import type { ComputeError } from '@virtkit/core/driver';
import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that are wrong about guests that move while they run. */
export const liveMigrationBreakers: readonly BrokenDriver[] = [
  {
    fault: 'the check at the destination is not cleaned up',
    damage: replace('cleanupLiveMigrationDestinationCheck', async ({ driver }) => driver.begin({})),
    caughtBy: ['the checks of a live migration leave nothing at the destination once they are cleaned up'],
    others: 'may fail too',
  },
  {
    fault: 'a check that finds no way has paused the guest',
    damage: replace('checkCanLiveMigrateDestination', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.network.link === 'up') return right(request, options);
      for (const host of driver.host.network.hosts.values()) {
        const guest = host.own(uuid);
        if (guest) guest.state = 'PAUSED';
      }
      return right(request, options);
    }),
    caughtBy: ['a check of hosts that do not reach each other rejects with MIGRATION_REFUSED, effect none'],
  },
  {
    fault: 'preLiveMigration leaves one disk more each time',
    damage: replace('preLiveMigration', async ({ driver, right, request, options, uuid }) => {
      const before = driver.host.disks.has(uuid);
      const answer = await right(request, options);
      if (before) driver.host.moves.arrived.set(uuid, 'again');
      return answer;
    }),
    caughtBy: ['preLiveMigration called again resolves, and leaves no guest at the destination'],
  },
  {
    fault: 'liveMigration copies the guest and lets it go on at the source too',
    damage: replace('liveMigration', async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      const answer = await right(request, options);
      if (guest) driver.host.guests.set(uuid, { ...guest });
      return answer;
    }),
    caughtBy: ['liveMigration leaves the guest RUNNING at the destination, and no longer at the source'],
    others: 'may fail too',
  },
  {
    fault: 'liveMigration boots the guest at the destination',
    damage: replace('liveMigration', async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      await right(request, options);
      if (guest) guest.life += 1;
    }),
    caughtBy: ['a live migration goes on with the life of the guest'],
  },
  {
    fault: 'the guest is paused after its live migration',
    damage: replace('liveMigration', async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      await right(request, options);
      if (guest) guest.state = 'PAUSED';
    }),
    caughtBy: [
      'liveMigration leaves the guest RUNNING at the destination, and no longer at the source',
      'the post methods leave nothing at the source and the guest RUNNING, also when called again',
    ],
    others: 'may fail too',
  },
  {
    fault: 'postLiveMigrationAtSource leaves the disks',
    damage: replace('postLiveMigrationAtSource', async ({ driver }) => driver.begin({})),
    caughtBy: ['the post methods leave nothing at the source and the guest RUNNING, also when called again'],
    others: 'may fail too',
  },
  {
    fault: 'destroy does not know a guest that came by live migration',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const came = driver.environment.host === 'other-test-host' && driver.host.own(uuid);
      return came ? undefined : right(request, options);
    }),
    caughtBy: ['a guest that came by live migration has all it needs to be destroyed'],
    others: 'may fail too',
  },
  {
    fault: 'liveMigration that fails says nothing of it',
    damage: replace('liveMigration', async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'MIGRATION_FAILED') throw failure;
        return undefined;
      }
    }),
    caughtBy: [
      'liveMigration over a cut link rejects with MIGRATION_FAILED, and the guest goes on at the source',
      'liveMigrationAbort leaves the guest RUNNING at the source, and liveMigration rejects with MIGRATION_FAILED',
      'liveMigrationAbort finds a live migration that another driver on the host has begun',
    ],
    others: 'may fail too',
  },
  {
    fault: 'rollbackLiveMigrationAtDestination leaves what was made ready',
    damage: replace('rollbackLiveMigrationAtDestination', async ({ driver }) => driver.begin({})),
    caughtBy: ['the rollback methods leave nothing at the destination and the guest RUNNING at the source'],
    others: 'may fail too',
  },
  {
    fault: 'rollbackLiveMigrationAtDestination removes the guest that has come after all',
    damage: replace('rollbackLiveMigrationAtDestination', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      if (driver.host.own(uuid)) driver.host.guests.delete(uuid);
    }),
    caughtBy: [
      'rollbackLiveMigrationAtDestination that names another generation resolves and touches nothing',
      'the rollback methods leave a guest alone that has come after all',
    ],
  },
  {
    fault: 'rollbackLiveMigrationAtSource lets a live migration that is under way go on',
    damage: replace('rollbackLiveMigrationAtSource', async ({ driver, uuid }) =>
      driver.host.moves.underWay.get(uuid)?.('completed'),
    ),
    caughtBy: [
      'rollbackLiveMigrationAtSource ends a live migration that another driver on the host has begun: the guest stays',
    ],
    others: 'may fail too',
  },
  {
    fault: 'liveMigration says that more remains than there is',
    damage: replace('liveMigration', ({ right, request, options }) => {
      const onProgress = (): void => options?.onProgress?.({ remainingMib: 65, totalMib: 64 });
      return right(request, { ...options, onProgress });
    }),
    caughtBy: ['liveMigration tells how much remains, and of how much'],
  },
  {
    fault: 'liveMigration that is aborted stops the guest',
    damage: replace('liveMigration', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code === 'ABORTED' && driver.host.own(uuid)?.busy) driver.stop(uuid);
        throw failure;
      }
    }),
    caughtBy: ['liveMigration that is aborted under way settles, and leaves the guest RUNNING at the source'],
  },
  {
    fault: 'liveMigrationAbort lets the guest go',
    damage: replace('liveMigrationAbort', async ({ driver, uuid, right, request, options }) => {
      const finish = driver.host.moves.underWay.get(uuid);
      return finish ? finish('completed') : right(request, options);
    }),
    caughtBy: [
      'liveMigrationAbort leaves the guest RUNNING at the source, and liveMigration rejects with MIGRATION_FAILED',
      'liveMigrationAbort finds a live migration that another driver on the host has begun',
    ],
  },
  {
    fault: 'liveMigrationAbort knows only what it has begun itself',
    damage: (driver) => {
      let begun: 'no' | 'yes' = 'no';
      replace('liveMigration', async ({ right, request, options }) => {
        begun = 'yes';
        return right(request, options);
      })(driver);
      replace('liveMigrationAbort', async ({ driver: { host }, right, request, options, uuid }) =>
        begun === 'no' && host.moves.underWay.has(uuid) ? refuse() : right(request, options),
      )(driver);
    },
    caughtBy: ['liveMigrationAbort finds a live migration that another driver on the host has begun'],
    others: 'may fail too',
  },
  {
    fault: 'liveMigrationForceComplete aborts',
    damage: replace('liveMigrationForceComplete', async ({ driver, uuid, right, request, options }) => {
      const finish = driver.host.moves.underWay.get(uuid);
      return finish ? finish('aborted') : right(request, options);
    }),
    caughtBy: ['liveMigrationForceComplete makes the live migration of a busy guest end at the destination'],
  },
  ...(['liveMigrationAbort', 'liveMigrationForceComplete'] as const).map((name) => ({
    fault: `${name} takes no live migration for success`,
    damage: replace(name, async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'NO_ACTIVE_MIGRATION') throw failure;
        return undefined;
      }
    }),
    caughtBy: [`${name} of a guest that is not being moved rejects with NO_ACTIVE_MIGRATION, effect none`],
  })),
  {
    fault: 'instanceOnDisk always says present',
    damage: replace(
      'instanceOnDisk',
      async ({ right, request, options }) => (await right(request, options)) && 'present',
    ),
    caughtBy: [
      'instanceOnDisk says whether the host reaches the disks of an instance',
      'what instanceOnDisk says of another host is true: there the disks can be reused, or not',
    ],
  },
];
