import { ComputeError } from '@virtkit/core/driver';
import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that tell what is not true. */
export const readBreakers: readonly BrokenDriver[] = [
  {
    fault: 'listInstanceUuids leaves out guests that are off',
    damage: replace('listInstanceUuids', async ({ driver, right, request, options }) => {
      const uuids = (await right(request, options)) as string[];
      return uuids.filter((uuid) => driver.host.own(uuid)?.state !== 'SHUTDOWN');
    }),
    caughtBy: [
      'a second driver on the same host finds the guests of the first',
      'listInstanceUuids tells of every guest once, running or not, and of nothing else',
    ],
  },
  {
    fault: 'listInstanceUuids tells of the guests of others',
    damage: replace('listInstanceUuids', async ({ driver, right, request, options }) => {
      await right(request, options);
      return [...driver.host.guests.keys()];
    }),
    caughtBy: ['listInstanceUuids leaves out guests that the driver did not make'],
  },
  {
    fault: 'inspect tells of the guests of others',
    damage: replace('inspect', async ({ driver, right, request, options, uuid }) => {
      const inspection = (await right(request, options)) as object;
      const foreign = driver.host.guests.get(uuid)?.maker === 'stranger';
      return foreign ? { ...inspection, guest: 'present', powerState: 'RUNNING' } : inspection;
    }),
    caughtBy: ['inspect tells nothing of a guest that the driver did not make'],
  },
  {
    fault: 'inspect of an unknown instance rejects',
    damage: replace('inspect', async ({ driver, right, request, options, uuid }) => {
      const { guests, disks } = driver.host;
      if (!guests.has(uuid) && !disks.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return right(request, options);
    }),
    caughtBy: ['inspect of an unknown instance tells of an absent guest with nothing left'],
    others: 'may fail too',
  },
  {
    fault: 'inspect believes that a guest it has made is there',
    damage: (driver) => {
      const made = new Set<string>();
      replace('spawn', async ({ right, request, options, uuid }) => {
        await right(request, options);
        made.add(uuid);
      })(driver);
      replace('destroy', async ({ right, request, options, uuid }) => {
        await right(request, options);
        made.delete(uuid);
      })(driver);
      replace('inspect', async ({ right, request, options, uuid }) => {
        const inspection = (await right(request, options)) as { guest: string };
        return made.has(uuid) && inspection.guest === 'absent' && driver.host.disks.has(uuid)
          ? { ...inspection, guest: 'present' }
          : inspection;
      })(driver);
    },
    caughtBy: ['inspect tells that the hypervisor has lost a guest'],
    others: 'may fail too',
  },
  {
    fault: 'getConsoleOutput gives more than was asked for',
    damage: replace('getConsoleOutput', ({ right, request, options }) => {
      const { lengthBytesMax: _, ...whole } = request;
      return right(whole, options);
    }),
    caughtBy: ['getConsoleOutput gives bytes, at most as many as asked for'],
  },
  {
    fault: 'getConsoleOutput of a guest that is off rejects with INTERNAL',
    damage: replace('getConsoleOutput', async ({ driver, right, request, options, uuid }) =>
      driver.host.own(uuid)?.state === 'SHUTDOWN' ? refuse() : right(request, options),
    ),
    caughtBy: ['getConsoleOutput of a guest that is off gives bytes or CONSOLE_UNAVAILABLE'],
  },
  {
    fault: 'getAvailableResource tells a memory of NaN',
    damage: replace('getAvailableResource', async ({ right, request, options }) => ({
      ...((await right(request, options)) as object),
      memoryMib: Number.NaN,
    })),
    caughtBy: ['getAvailableResource tells what the host has, in whole numbers, and of what kind it is'],
  },
];
