import type { InstancePatch } from '../model/instance.js';
import type { HostTenure } from '../records/host-tenure.js';

interface UndoStep {
  /** In sentences: "it was not possible to …". */
  readonly duty: string;
  /** Resolves with `'enough'` where the rest is better left as it is. */
  readonly undo: () => Promise<unknown>;
}

/** What the instance's record has to say after an operation has failed. */
export interface UndoRecords {
  /** When everything is undone. Left out: the record is true. */
  readonly undone?: InstancePatch;
  /** When something could not be undone, so that it is not forgotten: whoever reads the record can take it away. */
  readonly notUndone?: InstancePatch;
}

/**
 * What an operation has asked of others, and how it is taken back if the operation fails: in reverse, once the guest's own state is settled.
 * A step is pushed before what it undoes is begun, since whose answer is lost may have happened; it must be harmless where there is nothing
 * to undo. Nothing is taken from under what could not be undone: the first step that fails is the last.
 */
export class UndoStack {
  readonly #steps: UndoStep[] = [];
  #records: UndoRecords = {};

  push(duty: string, undo: () => Promise<unknown>): void {
    this.#steps.push({ duty, undo });
  }

  record(records: UndoRecords): void {
    this.#records = { ...this.#records, ...records };
  }

  /**
   * Undoes everything that was pushed, and answers what is to be recorded. Once the host is lost nothing more is undone: the steps belong to
   * the manager that has it now. Never rejects: `note` is told of the step that failed.
   */
  async run(
    note: (failure: unknown, duty: string) => void,
    tenure: Pick<HostTenure, 'isLost'>,
  ): Promise<InstancePatch> {
    for (const { duty, undo } of this.#steps.toReversed()) {
      if (tenure.isLost) return this.#records.notUndone ?? {};
      try {
        if ((await undo()) === 'enough') return this.#records.notUndone ?? {};
      } catch (failure) {
        note(failure, duty);
        return this.#records.notUndone ?? {};
      }
    }
    return this.#records.undone ?? {};
  }
}
