/** What a matrix has done, for whoever reads its output. */
export class Tally {
  readonly #name: string;
  operations = 0;
  cases = 0;
  violations = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Counts a case and what it has broken. */
  count(problems: readonly string[]): readonly string[] {
    this.cases += 1;
    this.violations += problems.length;
    return problems;
  }

  print(claims: number): void {
    const { operations, cases, violations } = this;
    console.log(
      `${this.#name}: ${operations} operations, ${cases} cases, ${claims} claims checked, ${violations} broken`,
    );
  }
}
