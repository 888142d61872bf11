import { ComputeError, type DriverMethodName } from '@virtkit/core/driver';
import type { LiftedMethod } from '../../src/rules/lifted-method.js';
import { liftedMethods } from '../../src/rules/lifted-methods.js';
import { afterSecondCall, refuse, replace, type BrokenDriver } from './broken-driver.js';

const namesOf = (...kinds: readonly LiftedMethod['unknown'][]): readonly DriverMethodName[] =>
  liftedMethods.filter(({ name, unknown }) => kinds.includes(unknown) && name !== 'inspect').map(({ name }) => name);
const methods = liftedMethods.map(({ name }) => name);
const refusing = namesOf('refuses');
const moving: readonly DriverMethodName[] = ['migrateDiskAndPowerOff', 'finishRevertMigration'];
const mayFailToo = { others: 'may fail too' } as const;
const idempotent = ['powerOn', 'powerOff', 'pause', 'unpause', 'suspend', 'resume'] as const;

/** Drivers that break a law that is lifted over every method, each in one method. */
export const lawBreakers: readonly BrokenDriver[] = [
  ...methods.map((name) => ({
    fault: `${name} resolves after cleanupHost`,
    damage: replace(name, async ({ driver, right, request, options }) =>
      driver.isOpen ? right(request, options) : undefined,
    ),
    caughtBy: [`${name} after cleanupHost rejects`],
  })),

  ...methods.map((name) => ({
    fault: `${name} does not look whether its signal is aborted already`,
    damage: replace(name, async ({ right, request, options }) => {
      if (!options?.signal?.aborted) return right(request, options);
      // What a law calls it with may not be there; a driver that has not looked gets as far as it gets.
      return right(request).catch(() => undefined);
    }),
    caughtBy: [`${name} with an aborted signal rejects and changes nothing`],
  })),

  ...refusing.map((name) => ({
    fault: `${name} takes an unknown instance for success`,
    damage: replace(name, async ({ driver, right, request, options, uuid }) =>
      driver.host.guests.has(uuid) ? right(request, options) : undefined,
    ),
    caughtBy: [`${name} of an unknown instance rejects with INSTANCE_NOT_FOUND, effect none`],
    // Where a guest has moved away there is none, and other rules say what the method does then.
    ...(moving.includes(name) && mayFailToo),
  })),

  ...refusing.map((name) => ({
    fault: `${name} takes the guests of others for its own`,
    damage: replace(name, async ({ driver, right, request, options, uuid }) =>
      driver.host.guests.get(uuid)?.maker === 'stranger' ? undefined : right(request, options),
    ),
    caughtBy: [`${name} of a guest that the driver did not make rejects with INSTANCE_NOT_FOUND`],
  })),

  ...namesOf('makes', 'success').map((name) => ({
    fault: `${name} changes the guests of others`,
    damage: replace(name, async ({ driver, right, request, options, uuid }) => {
      const guest = driver.host.guests.get(uuid);
      if (guest?.maker === 'stranger') guest.state = 'SHUTDOWN';
      return right(request, options);
    }),
    caughtBy: [`${name} leaves a guest alone that the driver did not make`],
  })),

  ...idempotent.map((name) => ({
    fault: `${name} rejects when it is called again`,
    damage: afterSecondCall(name, refuse),
    caughtBy: [`${name} called again resolves and changes nothing`],
  })),

  ...namesOf('success')
    .filter((name) => name !== 'destroy' && name !== 'powerOff')
    .map((name) => ({
      fault: `${name} of an unknown instance rejects`,
      damage: replace(name, async ({ driver, right, request, options, uuid }) => {
        if (!driver.host.guests.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
        return right(request, options);
      }),
      caughtBy: [`${name} of an unknown instance resolves and leaves nothing`],
      ...mayFailToo,
    })),

  {
    fault: 'powerOff of an unknown instance rejects',
    damage: replace('powerOff', async ({ driver, right, request, options, uuid }) => {
      if (!driver.host.guests.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return right(request, options);
    }),
    caughtBy: [
      'powerOff of a guest that the hypervisor has lost removes its vifs',
      'powerOff of an unknown instance resolves and leaves nothing',
    ],
  },
  {
    fault: 'destroy of an unknown instance rejects',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const { guests, disks } = driver.host;
      if (!guests.has(uuid) && !disks.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return right(request, options);
    }),
    caughtBy: [
      'destroy of an unknown instance resolves and leaves nothing',
      'destroy called again resolves and changes nothing',
    ],
    others: 'may fail too',
  },
  {
    fault: 'destroy rejects when it is called again',
    damage: afterSecondCall('destroy', refuse),
    caughtBy: [
      'destroy that keeps the disks removes the guest, and a later destroy the rest',
      'destroy called again resolves and changes nothing',
    ],
    others: 'may fail too',
  },
];
