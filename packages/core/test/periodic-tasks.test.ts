import { silentLog } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import type { PeriodicTaskDefinition } from '../src/host-life/periodic-task.js';
import { PeriodicTasks } from '../src/host-life/periodic-tasks.js';

/** A task that counts its runs, and does what it is told in each. */
function counted(name: string, parts: Partial<PeriodicTaskDefinition> = {}): PeriodicTaskDefinition & { runs: number } {
  const task = {
    name,
    everyMs: 1_000,
    firstRun: 'at-once' as const,
    timeoutMs: 500,
    runs: 0,
    ...parts,
    run: async (signal: AbortSignal): Promise<void> => {
      task.runs += 1;
      await parts.run?.(signal);
    },
  };
  return task;
}

function opened(definitions: readonly PeriodicTaskDefinition[], clock: VirtualClock, random = 0.5): PeriodicTasks {
  const tasks = new PeriodicTasks(definitions, { clock, log: silentLog, graceMs: 100, random: () => random });
  tasks.open();
  return tasks;
}

const healthOf = (tasks: PeriodicTasks, name: string) => tasks.health.find((each) => each.name === name);

describe('periodic tasks', () => {
  it('run each at its own interval, at once or after a random part of it, and not at all at 0', async () => {
    const clock = new VirtualClock();
    const [often, seldom, off] = [
      counted('often'),
      counted('seldom', { everyMs: 5_000, firstRun: 'at-random' }),
      counted('off', { everyMs: 0 }),
    ];
    const tasks = opened([often, seldom, off], clock);

    await clock.advance(2_400);
    expect([often.runs, seldom.runs, off.runs]).toEqual([3, 0, 0]);
    await clock.advance(5_200);
    expect([often.runs, seldom.runs, off.runs]).toEqual([8, 2, 0]);
    expect(healthOf(tasks, 'off')).toMatchObject({ state: 'off', lastStartedAtMs: null });
    await tasks.close();
  });

  it('note a failure, go on, and harm no other', async () => {
    const clock = new VirtualClock();
    const good = counted('good');
    const bad = counted('bad', {
      run: () => (bad.runs < 3 ? Promise.reject(new Error('the host said no')) : Promise.resolve()),
    });
    const tasks = opened([bad, good], clock);

    await clock.advance(1_500);
    expect(healthOf(tasks, 'bad')).toMatchObject({
      state: 'resting',
      failuresInARow: 2,
      lastFailure: { failure: { message: 'the host said no' } },
    });
    expect(healthOf(tasks, 'good')).toMatchObject({ failuresInARow: 0, lastFailure: null });
    await clock.advance(1_000);
    expect(healthOf(tasks, 'bad')).toMatchObject({ failuresInARow: 0 });
    expect([bad.runs, good.runs]).toEqual([3, 3]);
    await tasks.close();
  });

  it('abort a run at its deadline, never begin a second one beside it, and say that it is stuck', async () => {
    const clock = new VirtualClock();
    const letGo = Promise.withResolvers<void>();
    const hanging = counted('hanging', { run: () => letGo.promise });
    const good = counted('good');
    const tasks = opened([hanging, good], clock);

    await clock.advance(10_000);
    expect([hanging.runs, good.runs]).toEqual([1, 11]);
    expect(healthOf(tasks, 'hanging')).toMatchObject({ state: 'stuck', isLate: true, failuresInARow: 1 });
    letGo.resolve();
    await clock.advance(1_000);
    expect(hanging.runs).toBe(2);
    await tasks.close();
  });

  it('give a run that heeds its signal up at the deadline, and run it again in time', async () => {
    const clock = new VirtualClock();
    const slow = counted('slow', { run: (signal) => clock.sleep(60_000, { signal }) });
    const tasks = opened([slow], clock);

    await clock.advance(500);
    expect(healthOf(tasks, 'slow')).toMatchObject({ state: 'resting', failuresInARow: 1 });
    await clock.advance(1_000);
    expect(slow.runs).toBe(2);
    await tasks.close();
  });

  it('run at once when they are hastened, and once more when they were under way', async () => {
    const clock = new VirtualClock();
    const task = counted('task', { everyMs: 0, run: () => clock.sleep(100) });
    const tasks = opened([task], clock);

    tasks.hasten('task');
    await clock.advance(50);
    tasks.hasten('task');
    tasks.hasten('task');
    await clock.advance(500);
    expect(task.runs).toBe(2);
    expect(() => tasks.hasten('nothing')).toThrow('there is no periodic task nothing');
    await tasks.close();
  });

  it('end with close, which aborts what runs and waits no longer than its grace for what does not heed it', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const deaf = counted('deaf', {
      run: (signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    const tasks = opened([deaf], clock);
    await clock.advance(10);

    const closed = tasks.close().then(() => clock.monotonicMs());
    await clock.advance(10_000);
    expect(await closed).toBe(110);
    expect(signals).toMatchObject([{ aborted: true }]);
    tasks.hasten('deaf');
    await clock.advance(10_000);
    expect(deaf.runs).toBe(1);
  });
});
