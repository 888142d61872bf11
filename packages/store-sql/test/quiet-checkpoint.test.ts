import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QuietCheckpoint } from '../src/sqlite/quiet-checkpoint.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WORTH_IT = 64;

function checkpointAfter(commitCount: number): { readonly checkpoint: QuietCheckpoint; readonly copies: () => number } {
  const copy = vi.fn();
  const checkpoint = new QuietCheckpoint(copy);
  for (let nth = 0; nth < commitCount; nth += 1) checkpoint.note('commit');
  return { checkpoint, copies: () => copy.mock.calls.length };
}

it('the log is copied once when nobody has asked for anything for a moment', () => {
  const { copies } = checkpointAfter(WORTH_IT);
  expect(copies()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(copies()).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(copies()).toBe(1);
});

it('the log is not copied while requests come, be they only reads', () => {
  const { checkpoint, copies } = checkpointAfter(WORTH_IT);
  for (let nth = 0; nth < 100; nth += 1) {
    vi.advanceTimersByTime(10);
    checkpoint.note('other');
  }
  expect(copies()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(copies()).toBe(1);
});

it('a log with little in it is left alone', () => {
  const { copies } = checkpointAfter(WORTH_IT - 1);
  vi.advanceTimersByTime(60_000);
  expect(copies()).toBe(0);
});

it('nothing is copied after the end', () => {
  const { checkpoint, copies } = checkpointAfter(WORTH_IT);
  checkpoint.stop();
  vi.advanceTimersByTime(60_000);
  expect(copies()).toBe(0);
});
