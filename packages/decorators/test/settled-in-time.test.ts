import { afterEach, describe, expect, it, vi } from 'vitest';
import { context, instance } from './support/entities.js';
import { Journal, thrownBy } from './support/journal.js';
import { ComputeManager } from './fixtures/compute-manager.js';
import { settledInTime } from '../src/settled-in-time.js';

describe('a wait with a limit', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends with what it waits for, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    await expect(settledInTime(Promise.resolve(), 'it', 1000)).resolves.toBeUndefined();
    await expect(settledInTime(Promise.reject(new Error('boom')), 'it', 1000)).rejects.toThrow('boom');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends at its limit, and not before', async () => {
    vi.useFakeTimers();
    const outcomes: unknown[] = [];
    const waited = settledInTime(new Promise(() => {}), 'it', 1000).catch((error: unknown) => outcomes.push(error));
    await vi.advanceTimersByTimeAsync(999);
    expect(outcomes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await waited;
    expect(outcomes).toEqual([new Error('it took longer than 1000 ms')]);
  });

  it('does not hear what fails later', async () => {
    vi.useFakeTimers();
    let fail = (_failure: Error): void => {};
    const late = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const waited = expect(settledInTime(late, 'it', 1000)).rejects.toThrow('it took longer than 1000 ms');
    await vi.advanceTimersByTimeAsync(1000);
    await waited;
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    vi.useRealTimers();
    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('may be longer than a timer can be', async () => {
    vi.useFakeTimers();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await settledInTime(Promise.resolve(), 'it', 2 ** 40);
    expect(timers).toHaveBeenCalledWith(expect.any(Function), 2_147_483_647);
  });

  it('without a limit costs no timer, and still throws what it waits for throws', async () => {
    vi.useFakeTimers();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    timers.mockClear();
    await settledInTime(Promise.resolve(), 'it', Infinity);
    await expect(settledInTime(Promise.reject(new Error('boom')), 'it', Infinity)).rejects.toThrow('boom');
    expect(timers).not.toHaveBeenCalled();
  });

  it('is 30 seconds for a recorder of a class that does not say', async () => {
    vi.useFakeTimers();
    const journal = new Journal();
    const manager = new ComputeManager(journal.services);
    manager.bodies['rebootInstance'] = () => Promise.reject(new Error('boom'));
    journal.reactions['faults.record'] = () => new Promise(() => {});
    const thrown = thrownBy(() => manager.rebootInstance(context, instance));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(journal.order).toEqual(['events.start', 'faults.record']);
    await vi.advanceTimersByTimeAsync(1);
    await thrown;
    expect(journal.order).toContain('exceptions.notify');
  });

  it('costs no timer where a recorder answers at once', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const journal = new Journal();
    const manager = new ComputeManager(journal.services);
    await manager.rebootInstance(context, instance);
    manager.bodies['syncHost'] = () => Promise.reject(new Error('boom'));
    journal.fail('exceptions.notify', new Error('the store is down'), 'at once');
    await thrownBy(() => manager.syncHost());
    expect(journal.count('log.error')).toBe(1);
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });
});
