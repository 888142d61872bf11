import { explained } from '../explained.js';

/** What has to be undone at the end, however far the beginning came. */
export class CleanUp {
  readonly #pending: { readonly what: string; readonly work: () => Promise<void> }[] = [];

  /** `what` completes the sentence "… could not be cleaned up". */
  defer(what: string, work: () => Promise<void>): void {
    this.#pending.push({ what, work });
  }

  /** Does all of it, last first; what fails does not keep the rest from being done. Answers a sentence for each failure. */
  async run(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      const { what, work } = next;
      await work().catch((failure: unknown) => {
        failures.push(`${what} could not be cleaned up: ${explained(failure)}`);
      });
    }
    return failures;
  }
}
