/** One text of a file and what it becomes. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in `file`. */
  readonly from: string;
  readonly to: string;
}

/** A mend, and the test that notices when it is taken out. `npm run nets` tries every net that a module of this folder exports. */
export interface Net {
  /** Lines of the list of cases, such as `A4`. */
  readonly cases: readonly string[];
  /** What the patch takes out, in words. */
  readonly without: string;
  /** Path of the test file, from the root of the repository. */
  readonly test: string;
  /** Full name of the test: the names of its describes and its own, joined by spaces. */
  readonly title: string;
  readonly edits: readonly Edit[];
}
