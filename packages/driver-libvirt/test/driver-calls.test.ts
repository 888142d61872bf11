import { setImmediate as turn } from 'node:timers/promises';
import { isComputeError, systemClock, type Clock } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { describe, expect, it } from 'vitest';
import { CallFence } from '../src/call-fence.js';
import { DriverCalls } from '../src/driver-calls.js';
import { inSteps } from '../src/start/steps.js';
import { rejectionOf } from './support/readers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const newCalls = () => new DriverCalls(testEnvironment());

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
        .change('pause', { uuid }, {}, () => Promise.reject(thrown as Error))
        .catch((reason: unknown) => reason);
      expect(isComputeError(failure)).toBe(true);
    },
  );

  it('does not begin when it is aborted already', async () => {
    const log: string[] = [];
    const signal = AbortSignal.abort();
    const call = newCalls().change('pause', { uuid }, { signal }, async () => void log.push('begun'));
    const failure = await rejectionOf(call, 'ABORTED');
    expect(failure.effect).toBe('none');
    expect(log).toEqual([]);
  });

  it('gives its work the abort of its caller', async () => {
    const abort = new AbortController();
    const rejecting = rejectionOf(
      newCalls().start('reboot', { uuid }, { signal: abort.signal }, untilAborted([], 'reboot')),
      'ABORTED',
    );
    abort.abort(new Error('enough'));
    expect((await rejecting).details.operation).toBe('reboot');
  });

  it('that overtakes aborts the others of its instance, and works again when they have settled', async () => {
    const log: string[] = [];
    const calls = newCalls();
    const overtaken = rejectionOf(calls.start('spawn', { uuid }, {}, untilAborted(log, 'spawn')), 'ABORTED');
    await calls.overtake('destroy', { uuid }, {}, async () => void log.push('destroy'));
    await overtaken;
    expect(log).toContain('spawn ends');
    expect(log.filter((line) => line === 'destroy')).toHaveLength(2);
    expect(log.at(-1)).toBe('destroy');
  });

  it('that overtakes leaves other instances and readers alone', async () => {
    const calls = newCalls();
    const abort = new AbortController();
    const log: string[] = [];
    const other = calls.start('spawn', { uuid: 'another' }, { signal: abort.signal }, untilAborted(log, 'other'));
    const reader = calls.read('inspect', uuid, { signal: abort.signal }, untilAborted(log, 'reader'));
    const settled = Promise.allSettled([other, reader]);
    await calls.overtake('destroy', { uuid }, {}, async () => {});
    expect(log).toEqual(['other begins', 'reader begins']);
    abort.abort();
    await settled;
  });
});

describe('a call of the driver that loses its host', () => {
  it('has changed nothing when its first effect is refused', async () => {
    const environment = testEnvironment();
    environment.fence.lose();
    const failure = new DriverCalls(environment).change('pause', { uuid }, {}, () => CallFence.pass());
    await expect(failure).rejects.toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
  });

  it('ends with OUTCOME_UNKNOWN after its first effect, and undoes nothing', async () => {
    const environment = testEnvironment();
    environment.fence.lose({ afterPasses: 1 });
    const done: string[] = [];
    const failure = new DriverCalls(environment).start('spawn', { uuid }, {}, () =>
      inSteps(async (steps) => {
        for (const name of ['define', 'start']) {
          await steps.take({
            name,
            take: async () => {
              await CallFence.pass();
              done.push(name);
            },
            undo: async () => {
              await CallFence.pass();
              done.push(`undo ${name}`);
            },
          });
        }
      }),
    );
    await expect(failure).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
    expect(done).toEqual(['define']);
  });

  it('ends with OUTCOME_UNKNOWN when it fails by itself and its undo is refused, with its own failure as the cause', async () => {
    const environment = testEnvironment();
    environment.fence.lose({ afterPasses: 1 });
    const own = new Error('no such disk');
    let undone = 0;
    const failure = new DriverCalls(environment).start('spawn', { uuid }, {}, () =>
      inSteps(async (steps) => {
        await steps.take({
          name: 'start',
          take: async () => {
            await CallFence.pass();
            throw own;
          },
          undo: async () => {
            await CallFence.pass();
            undone += 1;
          },
        });
      }),
    );
    await expect(failure).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', cause: { cause: own } });
    expect(undone).toBe(0);
  });

  it('does not wait for the lease with its undo for longer than the manager waits for it', async () => {
    const timers: { readonly durationMs: number; readonly due: () => void }[] = [];
    const after: Clock['after'] = (durationMs, due) => {
      timers.push({ durationMs, due });
      return () => undefined;
    };
    const environment = testEnvironment({ clock: { ...systemClock, after } });
    const abort = new AbortController();
    const end = new DriverCalls(environment)
      .start('spawn', { uuid }, { signal: abort.signal }, async () => {
        await CallFence.pass();
        environment.fence.runOut();
        await CallFence.pass();
      })
      .catch((reason: unknown) => reason);
    await turn();
    expect(environment.fence.waitingCount).toBe(1);
    abort.abort();
    expect(timers.map(({ durationMs }) => durationMs)).toEqual([5_000]);
    timers[0]?.due();
    expect(await end).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(environment.fence.waitingCount).toBe(0);
  });
});
