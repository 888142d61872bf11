import { setImmediate as turn } from 'node:timers/promises';
import { ComputeError } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstanceLanes, type LaneEntry } from '../src/guard/instance-lanes.js';

const entry = (fields: Partial<LaneEntry> = {}): LaneEntry => ({
  instanceUuid: 'a',
  operation: 'reboot',
  manner: 'wait',
  signal: undefined,
  ...fields,
});

describe('a lane', () => {
  it('lets in one at a time, in the order they came, whatever they do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ lane: fc.constantFrom('a', 'b'), turns: fc.nat(3), fails: fc.boolean() }), {
          maxLength: 12,
        }),
        async (visits) => {
          const lanes = new InstanceLanes({ clock: new VirtualClock(), overtakeAfterMs: 1 });
          const inside = new Map<string, number>();
          const order: number[] = [];
          const ends = visits.map(({ lane, turns, fails }, nth) =>
            lanes.enter(entry({ instanceUuid: lane }), async () => {
              inside.set(lane, (inside.get(lane) ?? 0) + 1);
              expect(inside.get(lane)).toBe(1);
              order.push(nth);
              for (let i = 0; i < turns; i++) await turn();
              inside.set(lane, 0);
              if (fails) throw new Error('failed');
            }),
          );
          await Promise.allSettled(ends);
          for (const lane of ['a', 'b']) {
            const came = order.filter((nth) => visits[nth]?.lane === lane);
            expect(came).toEqual([...came].sort((x, y) => x - y));
          }
          expect(lanes.size).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('cancels what runs and what waits for one that overtakes, which waits for the end of what runs', async () => {
    const lanes = new InstanceLanes({ clock: new VirtualClock(), overtakeAfterMs: 1_000 });
    const order: string[] = [];
    const running = lanes.enter(entry(), async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      order.push('aborted');
      throw signal.reason as Error;
    });
    const waiting = lanes.enter(entry(), () => Promise.resolve(order.push('never')));
    const ends = Promise.allSettled([running, waiting]);
    await turn();
    await lanes.enter(entry({ operation: 'delete', manner: 'overtake' }), () =>
      Promise.resolve(order.push('overtook')),
    );
    expect(order).toEqual(['aborted', 'overtook']);
    expect(await ends).toMatchObject([
      { status: 'rejected', reason: { code: 'UNEXPECTED_TASK_STATE' } },
      { status: 'rejected', reason: { code: 'UNEXPECTED_TASK_STATE' } },
    ]);
  });

  it('lets one that overtakes go on when what it cancelled does not end', async () => {
    const clock = new VirtualClock();
    const lanes = new InstanceLanes({ clock, overtakeAfterMs: 1_000 });
    void lanes.enter(entry(), () => new Promise(() => undefined));
    await turn();
    const overtaking = lanes.enter(entry({ manner: 'overtake' }), () => Promise.resolve('through'));
    await clock.advance(1_000);
    expect(await overtaking).toBe('through');
  });

  it('lets go of one that is cancelled while it waits, without having begun', async () => {
    const lanes = new InstanceLanes({ clock: new VirtualClock(), overtakeAfterMs: 1 });
    const first = Promise.withResolvers<void>();
    const running = lanes.enter(entry(), () => first.promise);
    const abort = new AbortController();
    const waiting = lanes.enter(entry({ signal: abort.signal }), () => Promise.resolve('begun'));
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', effect: 'none' });
    first.resolve();
    await running;
    expect(lanes.isBusy('a')).toBe(false);
  });

  it('refuses when too many wait', async () => {
    const lanes = new InstanceLanes({ clock: new VirtualClock(), overtakeAfterMs: 1 });
    const first = Promise.withResolvers<void>();
    const inside = Array.from({ length: 16 }, () => lanes.enter(entry(), () => first.promise));
    await expect(lanes.enter(entry(), () => Promise.resolve())).rejects.toBeInstanceOf(ComputeError);
    first.resolve();
    await Promise.all(inside);
  });
});
