import type { GuestInspection, InstanceSpec } from '@virtkit/core/driver';
import type { MinimalDriver } from '../minimal-driver.js';
import { optionsIn, refuse, replace, type BrokenDriver } from './broken-driver.js';

/** After the method, whatever guest there is has another generation than it had. */
function losesGeneration(name: string, at: (driver: MinimalDriver) => MinimalDriver = (driver) => driver) {
  return replace(name, async ({ driver, right, args, uuid }) => {
    const answer = await right(...args);
    const guest = at(driver).host.own(uuid);
    if (guest) guest.generation = null;
    return answer;
  });
}

const withGeneration = (args: readonly unknown[], generation: string | null): InstanceSpec => ({
  ...(args[0] as InstanceSpec),
  generation,
});

/** Drivers that take one guest for another of its uuid. */
export const generationBreakers: readonly BrokenDriver[] = [
  {
    fault: 'it knows the generations of the guests it has made itself, and the host does not',
    damage: (driver) => {
      const made = new Map<string, string | null>();
      replace('spawn', async ({ right, args, uuid }) => {
        made.set(uuid, (args[0] as InstanceSpec).generation ?? null);
        return right(...args);
      })(driver);
      replace('inspect', async ({ right, args, uuid }) => {
        const found = (await right(...args)) as GuestInspection;
        return found.guest === 'present' ? { ...found, generation: made.get(uuid) ?? null } : found;
      })(driver);
    },
    caughtBy: ['a second driver on the same host tells the generation of what the first has made'],
    others: 'may fail too',
  },
  {
    fault: 'inspect tells no generation',
    damage: replace('inspect', async ({ right, args }) => {
      const { generation: _, ...found } = (await right(...args)) as GuestInspection;
      return found;
    }),
    caughtBy: [
      'inspect tells the generation that a guest was spawned with, running or not',
      'inspect tells null of a guest that was made without a generation',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn takes every guest for another generation',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      if (driver.isOpen && driver.host.own(uuid)) return right(withGeneration(args, null), args[1]);
      return right(...args);
    }),
    caughtBy: [
      'spawn repeated with the same generation resolves and changes nothing',
      'spawn repeated with the same generation starts a guest that was made and never started',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn believes that a guest that is there runs',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      const isThere = driver.host.own(uuid) !== undefined;
      return right(args[0], { ...optionsIn(args), ...(isThere && { start: 'leave-off' }) });
    }),
    caughtBy: [
      'spawn repeated with the same generation starts a guest that was made and never started',
      'spawn that goes on with an earlier one and fails leaves nothing',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn that goes on with an earlier one leaves that when it fails',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      const before = driver.host.own(uuid);
      try {
        return await right(...args);
      } catch (failure) {
        if (before && driver.isOpen) driver.host.guests.set(uuid, before);
        throw failure;
      }
    }),
    caughtBy: ['spawn that goes on with an earlier one and fails leaves nothing'],
    others: 'may fail too',
  },
  {
    fault: 'spawn takes any guest of the uuid for the one it is to make',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      const guest = driver.host.own(uuid);
      return guest ? right(withGeneration(args, guest.generation), args[1]) : right(...args);
    }),
    caughtBy: [
      'spawn of another generation, or of none, rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn gives its generation to a guest that has none',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      const guest = driver.host.own(uuid);
      const { generation = null } = args[0] as InstanceSpec;
      if (guest?.generation === null) guest.generation = generation;
      return right(...args);
    }),
    caughtBy: ['spawn of a generation rejects with INSTANCE_EXISTS where the guest has none, and leaves it alone'],
    others: 'may fail too',
  },
  {
    fault: 'destroy does not look at generations',
    damage: replace('destroy', async ({ driver, right, args, uuid }) => {
      const generation = driver.generationOf(uuid) ?? null;
      return right(args[0], { ...optionsIn(args), generation });
    }),
    caughtBy: [
      'destroy of another generation, or of none, resolves and touches nothing',
      'destroy of a generation touches nothing of a guest that has none',
      'destroy of another generation leaves what is left of a lost guest whose generation inspect tells',
    ],
  },
  {
    fault: 'destroy looks at the generation of a guest, and not of what is left of one',
    damage: replace('destroy', async ({ driver, right, args, uuid }) => {
      const generation = driver.host.own(uuid) ? optionsIn(args)['generation'] : driver.generationOf(uuid);
      return right(args[0], { ...optionsIn(args), generation });
    }),
    caughtBy: ['destroy of another generation leaves what is left of a lost guest whose generation inspect tells'],
    others: 'may fail too',
  },
  {
    fault: 'destroy touches only guests without a generation',
    damage: replace('destroy', async ({ right, args }) => {
      const { generation: _, ...options } = optionsIn(args);
      return right(args[0], options);
    }),
    caughtBy: ['destroy of its generation leaves nothing of an instance, running or lost'],
    others: 'may fail too',
  },
  {
    fault: 'powerOn forgets the generation',
    damage: losesGeneration('powerOn'),
    caughtBy: ['a guest keeps its generation when it is stopped and started'],
    others: 'may fail too',
  },
  {
    fault: 'reboot forgets the generation',
    damage: losesGeneration('reboot'),
    caughtBy: [
      'a guest keeps its generation through a hard reboot',
      'a hard reboot gives a guest without a generation that of its spec',
      'a hard reboot makes a guest that is lost anew with its generation',
    ],
    others: 'may fail too',
  },
  {
    fault: 'rescue forgets the generation',
    damage: losesGeneration('rescue'),
    caughtBy: ['a guest keeps its generation through rescue and unrescue'],
  },
  {
    fault: 'rebuild forgets the generation',
    damage: losesGeneration('rebuild'),
    caughtBy: ['a guest keeps its generation through a rebuild'],
  },
  {
    fault: 'inspect tells of the image that the guest was first made from',
    damage: replace('rebuild', async ({ driver, right, args, uuid }) => {
      const first = driver.host.storage.images.get(uuid) ?? '';
      await right(...args);
      driver.host.storage.images.set(uuid, first);
    }),
    caughtBy: ['inspect tells of which image the disk is, before a rebuild and after it'],
  },
  {
    fault: 'inspect tells of the image that was asked for last',
    damage: replace('rebuild', async ({ driver, right, args, uuid }) => {
      if (driver.host.own(uuid)) driver.host.storage.images.set(uuid, (args[0] as InstanceSpec).image.id);
      return right(...args);
    }),
    caughtBy: ['inspect tells of the old image while a rebuild was refused before anything has changed'],
    others: 'may fail too',
  },
  {
    fault: 'a resized guest loses its generation on its way',
    damage: losesGeneration('finishMigration'),
    caughtBy: ['a guest takes its generation to the host that it is resized to'],
  },
  {
    fault: 'a guest that has come by live migration loses its generation',
    damage: losesGeneration('postLiveMigrationAtDestination'),
    caughtBy: ['a guest takes its generation along when it is migrated live'],
    others: 'may fail too',
  },
  {
    fault: 'destroy that names a generation rejects',
    damage: replace('destroy', async ({ right, args }) => {
      if (typeof optionsIn(args)['generation'] === 'string') refuse();
      return right(...args);
    }),
    caughtBy: ['destroy of its generation leaves nothing of an instance, running or lost'],
    others: 'may fail too',
  },
];
