import type { CallOptions } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { InstancePatch } from '../model/instance.js';
import type { HostTenure } from '../records/host-tenure.js';

/** Takes something back. Its calls get the options: their time may end. */
export type Undo = (options: Required<CallOptions>) => Promise<unknown>;

interface UndoStep {
  /** In sentences: "it was not possible to …". */
  readonly duty: string;
  /** Resolves with `'enough'` where the rest is better left as it is. */
  readonly undo: Undo;
}

/** What the instance's record has to say after an operation has failed. */
export interface UndoRecords {
  /** When everything is undone. Left out: the record is true. */
  readonly undone?: InstancePatch;
  /** When something could not be undone, so that it is not forgotten: whoever reads the record can take it away. */
  readonly notUndone?: InstancePatch;
}

export interface UndoConditions {
  readonly note: (failure: unknown, duty: string) => void;
  readonly tenure: Pick<HostTenure, 'isLost'>;
  /** Aborted when the time for it is over. */
  readonly signal: AbortSignal;
}

export interface UndoEnd {
  /** What the instance's record has to say. */
  readonly patch: InstancePatch;
  /** False: the time was over, and somebody must go on with what is left. */
  readonly inTime: boolean;
}

/**
 * What an operation has asked of others, and how it is taken back if the operation fails: in reverse, once the guest's own state is settled.
 * A step is pushed before what it undoes is begun, since whose answer is lost may have happened; it must be harmless where there is nothing
 * to undo. Nothing is taken from under what could not be undone: the first step that fails is the last.
 */
export class UndoStack {
  readonly #steps: UndoStep[] = [];
  #records: UndoRecords = {};

  push(duty: string, undo: Undo): void {
    this.#steps.push({ duty, undo });
  }

  record(records: UndoRecords): void {
    this.#records = { ...this.#records, ...records };
  }

  /**
   * Undoes everything that was pushed, and answers what is to be recorded. Once the host is lost nothing more is undone: the steps belong to
   * the manager that has it now. When the signal is aborted nothing more is begun, and what is under way is given up. Never rejects: `note`
   * is told of the step that failed.
   */
  async run({ note, tenure, signal }: UndoConditions): Promise<UndoEnd> {
    for (const { duty, undo } of this.#steps.toReversed()) {
      const left = (): UndoEnd => ({ patch: this.#records.notUndone ?? {}, inTime: !signal.aborted });
      if (tenure.isLost || signal.aborted) return left();
      try {
        if ((await undo(providerOptions({ signal }))) === 'enough') return { ...left(), inTime: true };
      } catch (failure) {
        note(failure, duty);
        return left();
      }
    }
    return { patch: this.#records.undone ?? {}, inTime: true };
  }
}
