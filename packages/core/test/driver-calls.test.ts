import type { Operation, OperationName } from '@virtkit/core';
import type { DriverMethodName } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { operationNames, operations } from '../src/model/operation-table.js';
import { driverCallRuns, type CarriedOut, type DriverCallRun } from './support/driver-call-runs.js';

/** One way through a row: which of its cases, and what is asked of drivers then. */
interface Way {
  readonly cases: ReadonlySet<string>;
  readonly calls: readonly DriverMethodName[];
}

/** Every way through a row. Cases of the same words are the same case. */
function waysThrough({ driverCalls }: Operation): readonly Way[] {
  let ways: readonly Way[] = [{ cases: new Set(), calls: [] }];
  for (const step of driverCalls) {
    ways = ways.flatMap(({ cases, calls }) => {
      if (typeof step === 'string') return [{ cases, calls: [...calls, step] }];
      const known = Object.entries(step).filter(([words]) => cases.has(words));
      const open = known.length > 0 ? known : Object.entries(step);
      return open.map(([words, asked]) => ({ cases: new Set([...cases, words]), calls: [...calls, ...asked] }));
    });
  }
  return ways;
}

const sameCalls = (one: readonly string[], other: readonly string[]): boolean => one.join() === other.join();

const carriedOut = once((run: DriverCallRun) => run.carryOut());

/** The same with every call failing in turn: what drivers were asked in all. */
const failedInTurn = once(async (run: DriverCallRun): Promise<readonly CarriedOut[]> => {
  const { calls } = await carriedOut(run);
  const failed: CarriedOut[] = [];
  for (const [index, at] of calls.entries()) {
    const nth = calls.slice(0, index + 1).filter((call) => call === at).length;
    failed.push(await run.carryOut({ at, nth }));
  }
  return failed;
});

function once<Of extends object, Value>(work: (of: Of) => Promise<Value>): (of: Of) => Promise<Value> {
  const known = new WeakMap<Of, Promise<Value>>();
  return (of) => {
    const value = known.get(of) ?? work(of);
    known.set(of, value);
    return value;
  };
}

describe('what an operation asks of drivers', () => {
  it.each(driverCallRuns)('is what its row declares: $title', async (run) => {
    const { operation, state, calls } = await carriedOut(run);
    expect(state).toBe('succeeded');
    expect(waysThrough(operations[operation]).map((way) => way.calls)).toContainEqual(calls);
  });

  it.each(driverCallRuns)('is no more than its row declares when any of it fails: $title', async (run) => {
    const { operation } = await carriedOut(run);
    const { driverCalls, undoCalls, afterFailure } = operations[operation];
    const cleanUp = { leave: [], destroy: ['destroy'], 'power-off': ['powerOff'] }[afterFailure];
    const may = [...driverCalls.flatMap((step) => (typeof step === 'string' ? step : Object.values(step).flat()))];
    for (const { calls } of await failedInTurn(run)) {
      expect([...may, ...undoCalls, ...cleanUp]).toEqual(expect.arrayContaining([...calls]));
    }
  });
});

describe.each(operationNames)('the row of %s', (name: OperationName) => {
  const row = operations[name];

  it('tells no cases apart but those that there are', async () => {
    const runs = await Promise.all(driverCallRuns.map((run) => carriedOut(run)));
    const own = runs.filter(({ operation }) => operation === name);
    const found = waysThrough(row).filter(({ calls }) => own.some((run) => sameCalls(run.calls, calls)));
    const cases = row.driverCalls.flatMap((step) => (typeof step === 'string' ? [] : Object.keys(step)));
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(found.flatMap((way) => [...way.cases]))).toEqual(new Set(cases));
  });

  it('names nothing to take back with that is never asked', async () => {
    const runs = await Promise.all(driverCallRuns.map((run) => failedInTurn(run)));
    const asked = runs.flat().filter(({ operation }) => operation === name);
    expect(asked.flatMap(({ calls }) => calls)).toEqual(expect.arrayContaining([...row.undoCalls]));
  });
});
