import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../src/index.js';

describe('a virtual clock', () => {
  it('wakes sleepers in the order in which they are due, and of those the first to fall asleep first', async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const sleeper = async (name: string, durationMs: number): Promise<void> => {
      await clock.sleep(durationMs);
      woken.push(`${name} at ${clock.monotonicMs()}`);
    };
    const sleepers = [sleeper('b', 20), sleeper('a', 10), sleeper('c', 20), sleeper('later', 1_000)];
    await clock.advance(20);
    expect(woken).toEqual(['a at 10', 'b at 20', 'c at 20']);
    await clock.runUntilIdle();
    await Promise.all(sleepers);
    expect(woken.at(-1)).toBe('later at 1000');
  });

  it('counts the time from its own epoch', async () => {
    const clock = new VirtualClock({ epochMs: 5_000 });
    await clock.advance(250);
    expect([clock.now(), clock.monotonicMs()]).toEqual([5_250, 250]);
  });

  it('lets woken code fall asleep again within the same advance', async () => {
    const clock = new VirtualClock();
    const ticksMs: number[] = [];
    const ticking = (async () => {
      for (let tick = 0; tick < 4; tick += 1) {
        await clock.sleep(10);
        ticksMs.push(clock.monotonicMs());
      }
    })();
    await clock.advance(35);
    expect(ticksMs).toEqual([10, 20, 30]);
    await clock.runUntilIdle();
    await ticking;
  });

  it('advances to the next sleeper, and says when there is none', async () => {
    const clock = new VirtualClock();
    const sleeping = clock.sleep(70);
    expect(await clock.advanceToNext()).toBe('advanced');
    await sleeping;
    expect(clock.monotonicMs()).toBe(70);
    expect(await clock.advanceToNext()).toBe('idle');
  });

  it('forgets a sleeper whose signal aborts, and rejects with its reason', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const reason = new Error('enough');
    const sleeping = expect(clock.sleep(10, { signal: abort.signal })).rejects.toBe(reason);
    abort.abort(reason);
    await sleeping;
    expect(clock.sleeperCount).toBe(0);
    await expect(clock.sleep(10, { signal: abort.signal })).rejects.toBe(reason);
  });

  it('gives up on a wait that renews itself for ever', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const polling = (async () => {
      for (;;) await clock.sleep(1, { signal: abort.signal });
    })().catch(() => {});
    await expect(clock.runUntilIdle({ wakeUpsMax: 20 })).rejects.toThrow('not idle after 20 wake-ups');
    abort.abort();
    await polling;
  });

  it('refuses times that are none', () => {
    const clock = new VirtualClock();
    expect(() => clock.sleep(Number.NaN)).toThrow(RangeError);
    return expect(clock.advance(-1)).rejects.toThrow('durationMs is -1; accepted: 0 or more.');
  });
});
