import type { Edit } from '../../../../../test/nets/net.js';

/** Something that Nova does otherwise, and the change that makes our sources do it. */
interface Way {
  /** What Nova does, in a sentence without its full stop. */
  readonly nova: string;
  readonly edits: readonly Edit[];
  /** The test must fail; or, where no test is needed, it must not compile any more. */
  readonly caughtBy: 'the test' | 'the compiler';
}

/** One test and what it must not let pass. */
export interface Weakness {
  /** The test's own title. */
  readonly title: string;
  readonly ways: readonly Way[];
}

/** Tests of one file. `npm run novas-way` reads every table that a module of this folder exports. */
export interface WaysTable {
  readonly test: string;
  readonly weaknesses: readonly Weakness[];
}
