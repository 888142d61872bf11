import type { ComputeDriver } from '@virtkit/core/driver';

export interface WatchedDriver {
  readonly driver: ComputeDriver;
  callsUnderWay(): readonly string[];
}

/** The same driver, and the names of its calls that have not settled: so a rule that takes too long can say where it hangs. */
export function watchedDriver(bare: ComputeDriver): WatchedDriver {
  const underWay = new Set<{ readonly method: string }>();
  const watched = new Proxy(bare, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const call = { method: String(property) };
        underWay.add(call);
        try {
          return await (Reflect.apply(value, target, args) as unknown);
        } finally {
          underWay.delete(call);
        }
      };
    },
  });
  return { driver: watched, callsUnderWay: () => [...underWay].map(({ method }) => method) };
}
