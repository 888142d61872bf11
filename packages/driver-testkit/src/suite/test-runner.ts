/** The two functions of a test runner that the suite needs. Those of `node:test` and of Vitest both fit. */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}
