import type { GuestInspection, GuestRequest } from '@virtkit/core/driver';
import { anotherGenerationRule } from '../../src/rules/another-generation-rules.js';
import { toAnother } from '../../src/rules/lifted-method.js';
import { liftedMethods } from '../../src/rules/lifted-methods.js';
import type { MinimalDriver } from '../minimal-driver.js';
import { refuse, replace, type BrokenDriver, type Methods } from './broken-driver.js';

/** After the method, whatever guest there is has another generation than it had. */
function losesGeneration(name: keyof Methods, at: (driver: MinimalDriver) => MinimalDriver = (driver) => driver) {
  return replace(name, async ({ driver, right, request, options, uuid }) => {
    const answer = await right(request, options);
    const guest = at(driver).host.own(uuid);
    if (guest) guest.generation = null;
    return answer;
  });
}

/** The same request, about the guest of another generation. */
function ofGeneration<Request extends { readonly instance: object }>(request: Request, generation: string | null) {
  return { ...request, instance: { ...request.instance, generation } };
}

/** Drivers that forget in one method that a guest of another generation is absent. */
const forgetful: readonly BrokenDriver[] = liftedMethods
  .filter((method) => toAnother(method) !== 'does not compare')
  .map((method) => ({
    fault: `${method.name} touches or shows a guest of another generation than it names`,
    damage: replace(method.name, async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      if (guest === undefined || guest.generation === null) return right(request, options);
      const { instance } = request as GuestRequest;
      // What these clean up of a guest that is there is nothing: they must take it for a leftover first.
      const cleansUp = toAnother(method) === 'success' && method.name !== 'powerOff';
      if (cleansUp && driver.isGuestOfAnother(instance)) driver.stop(uuid);
      const { generation } = guest;
      return right({ ...request, instance: { ...instance, generation } }, options);
    }),
    caughtBy: [
      anotherGenerationRule(method),
      ...(method.name === 'powerOff'
        ? ['powerOff of another generation, without a grace period, does not disturb a spawn that is under way']
        : []),
    ],
  }));

/** Drivers that take one guest for another of its uuid. */
export const generationBreakers: readonly BrokenDriver[] = [
  ...forgetful,
  {
    fault: 'it knows the generations of the guests it has made itself, and the host does not',
    damage: (driver) => {
      const made = new Map<string, string | null>();
      replace('spawn', async ({ right, request, options, uuid }) => {
        made.set(uuid, request.instance.generation ?? null);
        return right(request, options);
      })(driver);
      replace('inspect', async ({ right, request, options, uuid }) => {
        const found = (await right(request, options)) as GuestInspection;
        return found.guest === 'present' ? { ...found, generation: made.get(uuid) ?? null } : found;
      })(driver);
    },
    caughtBy: ['a second driver on the same host tells the generation of what the first has made'],
    others: 'may fail too',
  },
  {
    fault: 'inspect tells no generation',
    damage: replace('inspect', async ({ right, request, options }) => {
      const { generation: _, ...found } = (await right(request, options)) as GuestInspection;
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
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      if (driver.isOpen && driver.host.own(uuid)) return right(ofGeneration(request, null), options);
      return right(request, options);
    }),
    caughtBy: [
      'spawn repeated with the same generation resolves and changes nothing',
      'spawn repeated with the same generation starts a guest that was made and never started',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn believes that a guest that is there runs',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      const isThere = driver.host.own(uuid) !== undefined;
      return right({ ...request, ...(isThere && { start: 'leave-off' }) }, options);
    }),
    caughtBy: [
      'spawn repeated with the same generation starts a guest that was made and never started',
      'spawn that goes on with an earlier one and fails leaves nothing',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn that goes on with an earlier one leaves that when it fails',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      const before = driver.host.own(uuid);
      try {
        return await right(request, options);
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
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      return guest ? right(ofGeneration(request, guest.generation), options) : right(request, options);
    }),
    caughtBy: [
      'spawn of another generation, or of none, rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
    ],
    others: 'may fail too',
  },
  {
    fault: 'spawn gives its generation to a guest that has none',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.own(uuid);
      const { generation = null } = request.instance;
      if (guest?.generation === null) guest.generation = generation;
      return right(request, options);
    }),
    caughtBy: ['spawn of a generation rejects with INSTANCE_EXISTS where the guest has none, and leaves it alone'],
    others: 'may fail too',
  },
  {
    fault: 'destroy does not look at generations',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const generation = driver.generationOf(uuid) ?? null;
      return right(ofGeneration(request, generation), options);
    }),
    caughtBy: [
      'destroy of another generation, or of none, resolves and touches nothing',
      'destroy of a generation touches nothing of a guest that has none',
      'destroy of another generation leaves what is left of a lost guest whose generation inspect tells',
      'destroy of another generation does not disturb a spawn that is under way',
    ],
  },
  {
    fault: 'destroy looks at the generation of a guest, and not of what is left of one',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const generation = driver.host.own(uuid) ? request.instance.generation : driver.generationOf(uuid);
      return right(ofGeneration(request, generation ?? null), options);
    }),
    caughtBy: ['destroy of another generation leaves what is left of a lost guest whose generation inspect tells'],
    others: 'may fail too',
  },
  {
    fault: 'destroy touches only guests without a generation',
    damage: replace('destroy', async ({ right, request, options }) => {
      const { generation: _, ...instance } = request.instance;
      return right({ ...request, instance }, options);
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
    damage: replace('rebuild', async ({ driver, right, request, options, uuid }) => {
      const first = driver.host.storage.images.get(uuid) ?? '';
      await right(request, options);
      driver.host.storage.images.set(uuid, first);
    }),
    caughtBy: ['inspect tells of which image the disk is, before a rebuild and after it'],
  },
  {
    fault: 'inspect tells of the image that was asked for last',
    damage: replace('rebuild', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.own(uuid)) driver.host.storage.images.set(uuid, request.instance.image.id);
      return right(request, options);
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
    damage: replace('destroy', async ({ right, request, options }) => {
      if (typeof request.instance.generation === 'string') refuse();
      return right(request, options);
    }),
    caughtBy: ['destroy of its generation leaves nothing of an instance, running or lost'],
    others: 'may fail too',
  },
];
