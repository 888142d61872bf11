import { ComputeError } from '@virtkit/core/driver';
import type { Damage } from '../minimal-subject.js';
import { replace, type BrokenDriver, type Methods } from './broken-driver.js';

const waiting: readonly { readonly name: keyof Methods; readonly caughtBy: readonly string[] }[] = [
  { name: 'getInfo', caughtBy: ['getInfo answers while a call that changes the instance is under way'] },
  {
    name: 'inspect',
    caughtBy: [
      'spawn lets the guest run once its network is plugged, and not before',
      'inspect answers while a call that changes the instance is under way',
    ],
  },
  {
    name: 'listInstanceUuids',
    caughtBy: ['listInstanceUuids answers while a call that changes the instance is under way'],
  },
  {
    name: 'destroy',
    caughtBy: ['destroy gets through while a spawn of the same instance hangs, and nothing is left'],
  },
  {
    name: 'powerOff',
    caughtBy: ['powerOff without a grace period gets through while a spawn of the same instance hangs'],
  },
];

/** Drivers whose calls get into each other's way. */
export const overlapBreakers: readonly BrokenDriver[] = [
  ...waiting.map(({ name, caughtBy }) => ({
    fault: `${name} waits for the spawn that is under way`,
    damage: waitsForSpawn(name),
    caughtBy,
    hangs: 'until the deadline' as const,
    // Reads that wait never see what a spawn that is refused has done.
    others: 'may fail too' as const,
  })),
  ...(['destroy', 'powerOff'] as const).map((name) => ({
    fault: `${name} makes whatever is under way give up, and compares generations then`,
    damage: disturbs(name),
    caughtBy: [
      name === 'destroy'
        ? 'destroy of another generation does not disturb a spawn that is under way'
        : 'powerOff of another generation, without a grace period, does not disturb a spawn that is under way',
    ],
  })),
  {
    fault: 'one spawn at a time',
    damage: (driver) => {
      let last: Promise<unknown> = Promise.resolve();
      replace('start', ({ right, request, options }) => {
        const next = last.then(() => right(request, options));
        last = next.catch(() => {});
        return next;
      })(driver);
    },
    caughtBy: ['a call for one instance does not wait for a call for another'],
    hangs: 'until the deadline',
  },
  {
    fault: 'calls at the same time forget one another',
    damage: (driver) => {
      let count = 0;
      replace('spawn', async ({ right, request, options, uuid }) => {
        count += 1;
        await Promise.resolve();
        await right(request, options);
        if (count > 1 && driver.host.guests.size > 2) driver.remove(uuid);
        count -= 1;
      })(driver);
    },
    caughtBy: ['calls for many instances at once all come to their end'],
  },
];

function disturbs(name: 'destroy' | 'powerOff'): Damage {
  return (driver) => {
    const underWay = new Map<string, AbortController>();
    replace('spawn', ({ right, request, options, uuid }) => {
      const abort = new AbortController();
      underWay.set(uuid, abort);
      const signals = [abort.signal, ...(options?.signal ? [options.signal] : [])];
      return right(request, { ...options, signal: AbortSignal.any(signals) });
    })(driver);
    replace(name, ({ right, request, options, uuid }) => {
      underWay.get(uuid)?.abort(new ComputeError('ABORTED', { operation: 'spawn' }));
      return right(request, options);
    })(driver);
  };
}

function waitsForSpawn(name: keyof Methods): Damage {
  return (driver) => {
    let underWay: Promise<unknown> = Promise.resolve();
    replace('start', ({ right, request, options }) => {
      const starting = right(request, options);
      underWay = starting.catch(() => {});
      return starting;
    })(driver);
    replace(name, async ({ right, request, options }) => {
      await underWay;
      return right(request, options);
    })(driver);
  };
}
