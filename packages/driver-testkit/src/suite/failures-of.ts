import type { TestRunner } from './test-runner.js';

export interface TestFailure {
  readonly test: string;
  readonly failure: unknown;
}

/**
 * Runs a suite with a runner of its own and returns what failed, in the order of definition. Everything runs at once, for
 * each rule of the suite has a host of its own. So a suite can be tested:
 *
 *     await failuresOf((runner) => driverConformance(runner, brokenDriver)); // → the rules that caught it
 */
export async function failuresOf(define: (runner: TestRunner) => void): Promise<readonly TestFailure[]> {
  const tests: { readonly test: string; readonly run: () => Promise<void> }[] = [];
  define({
    describe: (_name, defineGroup) => defineGroup(),
    it: (test, run) => tests.push({ test, run }),
  });
  const outcomes = await Promise.all(
    tests.map(async ({ test, run }): Promise<readonly TestFailure[]> => {
      try {
        await run();
        return [];
      } catch (failure) {
        return [{ test, failure }];
      }
    }),
  );
  return outcomes.flat();
}
