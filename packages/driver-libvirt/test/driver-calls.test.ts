import { isComputeError } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { describe, expect, it } from 'vitest';
import { DriverCalls } from '../src/driver-calls.js';
import { rejectionOf } from './support/readers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const newCalls = () => new DriverCalls(testEnvironment().clock);

/** Work that does nothing until its signal is aborted, and then takes one turn more. */
function untilAborted(log: string[], name: string) {
  return async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
    log.push(`${name} begins`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    log.push(`${name} ends`);
    throw signal.reason;
  };
}

describe('a call of the driver', () => {
  it.each([['a string'], [undefined], [new TypeError('a mistake')], [{ code: 'EACCES' }]])(
    'rejects with a ComputeError when its work throws %j',
    async (thrown) => {
      const failure: unknown = await newCalls()
        .change('pause', uuid, {}, () => Promise.reject(thrown as Error))
        .catch((reason: unknown) => reason);
      expect(isComputeError(failure)).toBe(true);
    },
  );

  it('does not begin when it is aborted already', async () => {
    const log: string[] = [];
    const signal = AbortSignal.abort();
    const call = newCalls().change('pause', uuid, { signal }, async () => void log.push('begun'));
    const failure = await rejectionOf(call, 'ABORTED');
    expect(failure.effect).toBe('none');
    expect(log).toEqual([]);
  });

  it('gives its work the abort of its caller', async () => {
    const abort = new AbortController();
    const rejecting = rejectionOf(
      newCalls().start('reboot', uuid, { signal: abort.signal }, untilAborted([], 'reboot')),
      'ABORTED',
    );
    abort.abort(new Error('enough'));
    expect((await rejecting).details.operation).toBe('reboot');
  });

  it('that overtakes aborts the others of its instance, and works again when they have settled', async () => {
    const log: string[] = [];
    const calls = newCalls();
    const overtaken = rejectionOf(calls.start('spawn', uuid, {}, untilAborted(log, 'spawn')), 'ABORTED');
    await calls.overtake('destroy', uuid, {}, async () => void log.push('destroy'));
    await overtaken;
    expect(log).toContain('spawn ends');
    expect(log.filter((line) => line === 'destroy')).toHaveLength(2);
    expect(log.at(-1)).toBe('destroy');
  });

  it('that overtakes leaves other instances and readers alone', async () => {
    const calls = newCalls();
    const abort = new AbortController();
    const log: string[] = [];
    const other = calls.start('spawn', 'another', { signal: abort.signal }, untilAborted(log, 'other'));
    const reader = calls.read('inspect', uuid, { signal: abort.signal }, untilAborted(log, 'reader'));
    const settled = Promise.allSettled([other, reader]);
    await calls.overtake('destroy', uuid, {}, async () => {});
    expect(log).toEqual(['other begins', 'reader begins']);
    abort.abort();
    await settled;
  });
});
