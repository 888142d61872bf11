import { ComputeEvents } from '../src/model/compute-events.js';
import type { ComputeEventMap } from '../src/model/compute-events.js';
import { describe, expect, it } from 'vitest';

type Listener = ComputeEventMap['session.lost'];

const failures: readonly (readonly [string, Listener])[] = [
  ['throws', () => expect.fail('no')],
  // An async function fits the type of a listener.
  ['rejects', async () => await Promise.reject(new Error('no'))],
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['answers something else that rejects', () => ({ then: (_: unknown, no: () => void) => no() })],
];

describe('a listener of the events of a manager', () => {
  it.each(failures)('that %s is logged and harms nobody', async (_, listener) => {
    const errors: string[] = [];
    const log = { error: (_fields: object, text: string) => void errors.push(text) };
    const events = new ComputeEvents({ log: log as never });
    const told: number[] = [];
    events.on('session.lost', listener);
    events.on('session.lost', ({ epoch }) => told.push(epoch));
    events.emit('session.lost', { host: 'host-1', holder: 'h', epoch: 7, leaseUntilMs: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([7]);
    expect(errors).toEqual(['a listener failed']);
  });
});
