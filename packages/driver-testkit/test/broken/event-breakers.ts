import type { LifecycleTransition } from '@virtkit/core/driver';
import type { MinimalDriver } from '../minimal-driver.js';
import type { BrokenDriver } from './broken-driver.js';

const untold: readonly { readonly transition: LifecycleTransition; readonly caughtBy: readonly string[] }[] = [
  {
    transition: 'started',
    caughtBy: ['spawn is told as started', 'an event names a transition of the contract and a time after 2000'],
  },
  {
    transition: 'stopped',
    caughtBy: [
      'no event is emitted after cleanupHost',
      'powerOff is told as stopped',
      'a guest that stops by itself is told as stopped, and is SHUTDOWN',
      'guest events flow again once the hypervisor is available',
    ],
  },
  { transition: 'paused', caughtBy: ['pause is told as paused'] },
  { transition: 'resumed', caughtBy: ['unpause is told as resumed', 'resume is told as resumed'] },
  { transition: 'suspended', caughtBy: ['suspend is told as suspended or stopped'] },
];

/** Drivers that keep to themselves what happens, or tell it badly. */
export const eventBreakers: readonly BrokenDriver[] = [
  ...untold.map(({ transition, caughtBy }) => ({
    fault: `it never tells that a guest is ${transition}`,
    damage: (driver: MinimalDriver): void => {
      const { emit } = driver.environment;
      driver.environment.emit = (event) => {
        if (event.type !== 'lifecycle' || event.transition !== transition) emit(event);
      };
    },
    caughtBy,
    hangs: 'until the deadline' as const,
  })),
  {
    fault: 'events have no time',
    damage: (driver) => {
      const { emit } = driver.environment;
      driver.environment.emit = (event) => emit({ ...event, occurredAtMs: 0 });
    },
    caughtBy: ['an event names a transition of the contract and a time after 2000'],
  },
];
