import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that are wrong about their own life and that of their guests. */
export const lifeBreakers: readonly BrokenDriver[] = [
  {
    fault: 'it declares an ability and lacks a method of it',
    damage: (driver) => Object.assign(driver, { unpause: undefined }),
    caughtBy: ['a driver has every method of every ability it declares, before initHost'],
    others: 'may fail too',
  },
  {
    fault: 'cleanupHost rejects when there is nothing to clean up',
    damage: replace('cleanupHost', async ({ driver, right }) => (driver.isOpen ? right({}) : refuse())),
    caughtBy: ['cleanupHost resolves without initHost, and when it is called twice'],
  },
  {
    fault: 'cleanupHost does not stop the events',
    damage: replace('cleanupHost', async ({ driver }) => {
      driver.isOpen = false;
    }),
    caughtBy: ['no event is emitted after cleanupHost', 'a hypervisor that restarts after cleanupHost is not told'],
  },
  {
    fault: 'cleanupHost stops the guests',
    damage: replace('cleanupHost', async ({ driver, right }) => {
      for (const uuid of driver.host.guests.keys()) driver.stop(uuid);
      return right({});
    }),
    caughtBy: ['guests go on after cleanupHost'],
  },
  {
    fault: 'initHost forgets the guests that are there',
    damage: replace('initHost', async ({ driver, right, request, options }) => {
      driver.host.guests.clear();
      return right(request, options);
    }),
    caughtBy: [
      'a second driver on the same host finds the guests of the first',
      'guests go on after cleanupHost',
      'saved memory outlives the driver',
    ],
    others: 'may fail too',
  },
  {
    fault: 'initHost leaves what a driver that died has begun',
    damage: replace('initHost', async ({ driver, right, request, options }) => {
      const { captures } = driver.host.storage;
      const begun = [...captures];
      await right(request, options);
      for (const uuid of begun) captures.add(uuid);
    }),
    caughtBy: ['initHost drops what a driver that died in the middle of a snapshot has left begun'],
  },
  {
    fault: 'initHost does not look whether its signal is aborted',
    damage: replace('initHost', ({ right, request }) => right(request)),
    caughtBy: ['initHost with an aborted signal rejects'],
  },
  {
    fault: 'it knows only the disks that it has made itself',
    damage: (driver) => {
      const made = new Set<string>();
      replace('spawn', async ({ right, request, options, uuid }) => {
        made.add(uuid);
        return right(request, options);
      })(driver);
      replace('destroy', async ({ driver: { host }, right, request, options, uuid }) => {
        const disk = host.disks.has(uuid) && !made.has(uuid);
        await right(request, options);
        if (disk) host.disks.add(uuid);
      })(driver);
    },
    caughtBy: ['a second driver on the same host destroys what the first has made'],
    others: 'may fail too',
  },
];
