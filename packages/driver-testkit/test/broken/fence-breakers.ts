import { ComputeError, isComputeError } from '@virtkit/core/driver';
import type { Damage } from '../minimal-subject.js';
import { replace, type BrokenDriver } from './broken-driver.js';

const methods = ['spawn', 'destroy', 'powerOff', 'powerOn', 'pause', 'suspend', 'resume', 'reboot'] as const;
const mayFailToo = { others: 'may fail too' } as const;

/** As if the driver asked only where `asks` says so. */
function withoutFence(asks: (driver: Parameters<Damage>[0]) => boolean): Damage {
  return (driver) => {
    const ask = driver.mayChange.bind(driver);
    driver.mayChange = async () => (asks(driver) ? await ask() : undefined);
  };
}

/** Drivers that go on when another manager has the host. */
export const fenceBreakers: readonly BrokenDriver[] = [
  {
    fault: 'it never asks the fence',
    damage: withoutFence(() => false),
    caughtBy: [
      'spawn of a manager that has lost its host rejects with SESSION_LOST, effect none, and changes nothing',
      'spawn that loses its host while it waits for its network does nothing more when the network has failed',
      'destroy waits while the lease cannot be renewed, and goes on when it is',
    ],
    ...mayFailToo,
  },
  {
    fault: 'it asks once, and undoes what it has done without asking',
    damage: (driver) => {
      let asked = 0;
      withoutFence(() => asked++ === 0)(driver);
    },
    caughtBy: [
      'spawn that loses its host while it waits for its network does nothing more when the network has failed',
    ],
    ...mayFailToo,
  },
  {
    fault: 'it does not ask again when its network has come',
    damage: (driver) => {
      let asked = 0;
      withoutFence(() => asked++ < 2)(driver);
    },
    caughtBy: [
      'spawn that loses its host while it waits for its network does nothing more when the network has completed',
    ],
    ...mayFailToo,
  },
  {
    fault: 'destroy says that nothing was done when it lost its host after its first effect',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const isForeign = driver.host.guests.get(uuid)?.maker === 'stranger';
      if (!isForeign && driver.isOpen) {
        await driver.mayChange();
        driver.host.vifs.delete(uuid);
      }
      return await right(request, options);
    }),
    caughtBy: ['destroy that loses its host after any of its effects ends with OUTCOME_UNKNOWN and undoes nothing'],
    ...mayFailToo,
  },
  ...methods.map((name) => ({
    fault: `${name} says INTERNAL when the host is lost`,
    damage: replace(name, async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (!isComputeError(failure, 'SESSION_LOST')) throw failure;
        throw new ComputeError('INTERNAL', { correlationId: 'lost' });
      }
    }),
    caughtBy: [
      `${name} of a manager that has lost its host rejects with SESSION_LOST, effect none, and changes nothing`,
    ],
    ...mayFailToo,
  })),
  ...(['spawn', 'reboot'] as const).map((name) => ({
    fault: `${name} says that nothing was done when it lost its host in the middle`,
    damage: replace(name, async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (!isComputeError(failure, 'OUTCOME_UNKNOWN')) throw failure;
        throw new ComputeError('SESSION_LOST', {});
      }
    }),
    caughtBy: [`${name} that loses its host after any of its effects ends with OUTCOME_UNKNOWN and undoes nothing`],
    ...mayFailToo,
  })),
];
