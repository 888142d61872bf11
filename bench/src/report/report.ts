/** What a benchmark has found out. Plain data: it goes from one process to another and into a file. */
export interface Report {
  readonly name: string;
  /** One sentence: what is measured. */
  readonly question: string;
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** What one must know to read the tables. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly title: string;
  /** The first column names the row, the others hold figures. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A goal is compared, never asserted: this machine's afternoon is no reason for a failure. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly verdict: 'met' | 'missed' | 'not measured';
}

/** A report with where and when it was made. */
export interface DatedReport {
  readonly report: Report;
  readonly measuredAt: string;
  readonly machine: string;
}
