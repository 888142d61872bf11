import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** The lives of guests that were stopped, by uuid: what both drivers of a move know. */
const lives = new Map<string, number>();

/** Drivers that are wrong about guests that move while they are off. */
export const resizeBreakers: readonly BrokenDriver[] = [
  {
    fault: 'migrateDiskAndPowerOff leaves a guest at the source',
    damage: replace('migrateDiskAndPowerOff', async ({ driver, right, request, options, uuid }) => {
      const answer = await right(request, options);
      driver.host.addGuest(uuid, 'virtkit', 'SHUTDOWN');
      return answer;
    }),
    caughtBy: [
      'migrateDiskAndPowerOff leaves no guest at the source, and inspect names what is kept',
      'migrateDiskAndPowerOff to the same host leaves no guest until finishMigration makes it',
    ],
    others: 'may fail too',
  },
  {
    fault: 'inspect does not name what is kept',
    damage: replace('inspect', async ({ right, request, options }) => {
      const inspection = (await right(request, options)) as { readonly belongings: readonly string[] };
      return { ...inspection, belongings: inspection.belongings.filter((each) => each !== 'kept disk') };
    }),
    caughtBy: [
      'migrateDiskAndPowerOff leaves no guest at the source, and inspect names what is kept',
      'confirmMigration on the same host removes what was kept, and the resized guest goes on',
    ],
  },
  {
    fault: 'migrateDiskAndPowerOff rejects when it is called again',
    damage: replace('migrateDiskAndPowerOff', async ({ driver, right, request, options, uuid }) =>
      driver.host.moves.kept.has(uuid) ? refuse() : right(request, options),
    ),
    caughtBy: ['migrateDiskAndPowerOff called again resolves with the same disks'],
  },
  {
    fault: 'migrateDiskAndPowerOff has stopped the guest before it finds no way to the destination',
    damage: replace('migrateDiskAndPowerOff', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.network.link === 'cut') driver.stop(uuid);
      return right(request, options);
    }),
    caughtBy: [
      'migrateDiskAndPowerOff to a host out of reach rejects with MIGRATION_REFUSED, effect none, and the guest runs',
    ],
  },
  {
    fault: 'finishMigration leaves the guest off',
    damage: replace('finishMigration', async ({ right, request, options }) =>
      right({ ...request, start: 'leave-off' }, options),
    ),
    caughtBy: [
      'finishMigration leaves the guest RUNNING at the destination',
      'migrateDiskAndPowerOff to the same host leaves no guest until finishMigration makes it',
    ],
    others: 'may fail too',
  },
  {
    fault: 'finishMigration starts a guest that is to be left off',
    damage: replace('finishMigration', ({ right, request, options }) => {
      const { start: _, ...started } = request;
      return right(started, options);
    }),
    caughtBy: ['finishMigration of a guest that is to be left off leaves it SHUTDOWN, without a vif'],
  },
  {
    fault: 'finishMigration makes an empty disk',
    damage: replace('finishMigration', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.storage.contents.set(uuid, 'nothing');
    }),
    caughtBy: ['finishMigration gives the guest its disk with everything that was on it'],
  },
  {
    fault: 'finishMigration goes on with the life of the guest that was stopped',
    damage: (driver) => {
      replace('migrateDiskAndPowerOff', async ({ driver: { host }, right, request, options, uuid }) => {
        lives.set(uuid, host.own(uuid)?.life ?? 0);
        return right(request, options);
      })(driver);
      replace('finishMigration', async ({ driver: { host }, right, request, options, uuid }) => {
        await right(request, options);
        const guest = host.own(uuid);
        if (guest) guest.life = lives.get(uuid) ?? 0;
      })(driver);
    },
    caughtBy: ['a guest that was resized has started from reset'],
  },
  {
    fault: 'finishMigration has no second try',
    damage: replace('finishMigration', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        driver.host.moves.arrived.delete(uuid);
        throw failure;
      }
    }),
    caughtBy: ['finishMigration that cannot start the guest leaves none, and can be tried again'],
  },
  {
    fault: 'finishMigration rejects when it is called again',
    damage: replace('finishMigration', async ({ driver, right, request, options, uuid }) =>
      driver.isOpen && driver.host.own(uuid) ? refuse() : right(request, options),
    ),
    caughtBy: [
      'finishMigration that names another generation rejects with INSTANCE_EXISTS and touches nothing',
      'finishMigration called again resolves and changes nothing',
    ],
  },
  {
    fault: 'confirmMigration keeps what was kept',
    damage: replace('confirmMigration', async ({ driver }) => driver.begin({ signal: undefined })),
    caughtBy: [
      'confirmMigration leaves nothing at the source, and the guest goes on at the destination',
      'what is kept outlives the driver: a second one confirms the move',
      'confirmMigration on the same host removes what was kept, and the resized guest goes on',
    ],
    others: 'may fail too',
  },
  {
    fault: 'confirmMigration knows only what it has kept itself',
    damage: (driver) => {
      const kept = new Set<string>();
      replace('migrateDiskAndPowerOff', async ({ right, request, options, uuid }) => {
        kept.add(uuid);
        return right(request, options);
      })(driver);
      replace('confirmMigration', async ({ driver: { host }, right, request, options, uuid }) => {
        const content = kept.has(uuid) ? undefined : host.moves.kept.get(uuid);
        await right(request, options);
        if (content !== undefined) host.moves.kept.set(uuid, content);
      })(driver);
    },
    caughtBy: ['what is kept outlives the driver: a second one confirms the move'],
  },
  {
    fault: 'finishRevertMigration keeps on what was kept',
    damage: replace('finishRevertMigration', async ({ driver, right, request, options, uuid }) => {
      const content = driver.host.moves.kept.get(uuid);
      await right(request, options);
      if (content !== undefined) driver.host.moves.kept.set(uuid, content);
    }),
    caughtBy: [
      'finishRevertMigration leaves the guest RUNNING at the source again, and nothing kept',
      'finishRevertMigration on the same host puts the guest in the place of the resized one',
    ],
    others: 'may fail too',
  },
  {
    fault: 'finishRevertMigration rejects when it is called again',
    damage: replace('finishRevertMigration', async ({ driver, right, request, options, uuid }) =>
      driver.isOpen && driver.host.own(uuid) && !driver.host.moves.kept.has(uuid) ? refuse() : right(request, options),
    ),
    caughtBy: ['finishRevertMigration called again resolves and changes nothing'],
    others: 'may fail too',
  },
  {
    fault: 'destroy forgets what a move has left',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const { kept, arrived } = driver.host.moves;
      const before = [kept.get(uuid), arrived.get(uuid)] as const;
      await right(request, options);
      if (before[0] !== undefined) kept.set(uuid, before[0]);
      if (before[1] !== undefined) arrived.set(uuid, before[1]);
    }),
    caughtBy: ['destroy removes what is kept for the revert of a move, and what has come of one'],
    others: 'may fail too',
  },
];
