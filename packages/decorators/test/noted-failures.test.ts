import { describe, expect, it } from 'vitest';
import { causeChain } from '../src/cause-chain.js';
import { NotedFailures } from '../src/noted-failures.js';

describe('noted failures', () => {
  it('are first once for each concern and subject', () => {
    const noted = new NotedFailures();
    const failure = new Error('boom');
    const first = () => [
      noted.isFirst('fault', 'a', failure),
      noted.isFirst('fault', 'b', failure),
      noted.isFirst('image', 'a', failure),
    ];
    expect(first()).toEqual([true, true, true]);
    expect(first()).toEqual([false, false, false]);
    expect(noted.isFirst('fault', 'a', new Error('boom'))).toBe(true);
  });

  it('without a subject are first only if noted about none', () => {
    const noted = new NotedFailures();
    expect(noted.isFirst('notification', undefined, 'one')).toBe(true);
    expect(noted.isFirst('notification', undefined, 'one')).toBe(false);
    expect(noted.isFirst('notification', 'a', 'one')).toBe(true);
    expect(noted.isFirst('notification', 'a', 'two')).toBe(true);
    expect(noted.isFirst('notification', undefined, 'two')).toBe(false);
    expect(noted.isFirst('fault', undefined, 'two')).toBe(true);
  });

  it('of the kind that cannot be held weakly are remembered up to the 64 latest', () => {
    const noted = new NotedFailures();
    for (let n = 0; n < 64; n += 1) noted.isFirst('fault', 'a', `failure ${n}`);
    expect(noted.isFirst('fault', 'a', 'failure 0')).toBe(false);
    expect(noted.isFirst('fault', 'a', 'failure 64')).toBe(true);
    expect(noted.isFirst('fault', 'a', 'failure 64')).toBe(false);
    expect(noted.isFirst('fault', 'a', 'failure 1')).toBe(false);
    expect(noted.isFirst('fault', 'a', 'failure 0')).toBe(true);
  });

  it('of the kind that can be held weakly are all remembered', () => {
    const noted = new NotedFailures();
    const failures = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? new Error(`failure ${n}`) : () => n));
    for (const failure of failures) expect(noted.isFirst('fault', 'a', failure)).toBe(true);
    for (const failure of failures) expect(noted.isFirst('fault', 'a', failure)).toBe(false);
  });

  it('tell null, undefined and things that look alike apart', () => {
    const noted = new NotedFailures();
    for (const failure of [null, undefined, 'undefined', 0, '0', NaN, {}, {}, () => {}, Symbol.for('a')]) {
      expect(noted.isFirst('fault', 'a', failure)).toBe(true);
      expect(noted.isFirst('fault', 'a', failure)).toBe(false);
    }
  });
});

describe('a chain of causes', () => {
  it('begins with the failure and follows its causes, which may be anything', () => {
    const middle = new Error('middle', { cause: 'the driver said no' });
    const failure = new Error('outer', { cause: middle });
    expect(causeChain(failure)).toEqual([failure, middle, 'the driver said no']);
    expect(causeChain('boom')).toEqual(['boom']);
    expect(causeChain(undefined)).toEqual([undefined]);
    expect(causeChain({ cause: null })).toEqual([{ cause: null }, null]);
  });

  it('ends where it cannot be read', () => {
    const unreadable = {
      get cause(): never {
        throw new Error('not to be read');
      },
    };
    expect(causeChain({ cause: unreadable })).toHaveLength(2);
  });

  it('ends after 32, in a circle too', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(causeChain(circle)).toHaveLength(32);
  });
});
