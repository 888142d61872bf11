import { suppressedFailuresOf } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { hasChanged } from '../src/errors/has-changed.js';
import { inSteps, type Steps, type Undo } from '../src/start/steps.js';

describe('work in steps', () => {
  const first = () => new Error('the first failure');

  function recorder() {
    const log: string[] = [];
    const step = (steps: Steps, name: string, undo: Undo = async () => log.push(`undo ${name}`)) =>
      steps.take({ name, take: async () => log.push(name), undo });
    return { log, step };
  }

  it('undoes nothing when it succeeds', async () => {
    const { log, step } = recorder();
    await inSteps(async (steps) => {
      await step(steps, 'a');
      await step(steps, 'b');
    });
    expect(log).toEqual(['a', 'b']);
  });

  it('undoes in reverse and rethrows the same failure', async () => {
    const { log, step } = recorder();
    const failure = first();
    const work = inSteps(async (steps) => {
      await step(steps, 'a');
      await step(steps, 'b');
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(log).toEqual(['a', 'b', 'undo b', 'undo a']);
    expect(hasChanged(failure)).toBe(true);
  });

  it('undoes the step that failed too: it may have been half done', async () => {
    const { log } = recorder();
    const failure = first();
    const take = () => Promise.reject(failure);
    await expect(
      inSteps((steps) => steps.take({ name: 'a', take, undo: async () => log.push('undo a') })),
    ).rejects.toBe(failure);
    expect(log).toEqual(['undo a']);
  });

  it('stops undoing at the first undo that fails, which joins the failure', async () => {
    const { log, step } = recorder();
    const failure = first();
    const second = new Error('cannot stop it');
    const work = inSteps(async (steps) => {
      await step(steps, 'make the disk');
      await step(steps, 'start the guest', () => Promise.reject(second));
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(log).toEqual(['make the disk', 'start the guest']);
    expect(suppressedFailuresOf(failure)).toEqual([{ during: 'undo: start the guest', failure: second }]);
    expect(hasChanged(failure)).toBe(true);
  });

  it('does not undo outside what an undo inside has given up', async () => {
    const { log, step } = recorder();
    const outer = inSteps(async (steps) => {
      await step(steps, 'outer');
      await inSteps(async (inner) => {
        await step(inner, 'inner', () => Promise.reject(new Error('no')));
        throw first();
      });
    });
    await expect(outer).rejects.toThrow('the first failure');
    expect(log).toEqual(['outer', 'inner']);
  });

  it('goes on with the others when a step cannot be undone', async () => {
    const { log, step } = recorder();
    const work = inSteps(async (steps) => {
      await step(steps, 'a');
      await step(steps, 'stop the guest', 'cannot be undone');
      throw first();
    });
    await expect(work).rejects.toThrow('the first failure');
    expect(log).toEqual(['a', 'stop the guest', 'undo a']);
  });

  it('has changed nothing when it fails before its first step', async () => {
    const failure = first();
    await expect(inSteps(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(hasChanged(failure)).toBe(false);
  });
});
