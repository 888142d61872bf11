import type { TaskStateRevert, TaskStates } from '@virtkit/decorators';
import { isComputeError } from '../driver/index.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';

/**
 * Clears the task state of a failed call, that field and its owner only, and only while the call still owns it: by now a
 * newer action may hold the instance. An instance that is gone, or held by another, needs nothing.
 */
export class TaskStateReverter implements TaskStates {
  readonly #records: Records;
  readonly #onStuck: (instanceUuid: string) => void;

  /** `onStuck` is told of an instance whose task state could not be cleared, so that somebody goes on trying. */
  constructor({ records, onStuck }: { readonly records: Records; readonly onStuck: (instanceUuid: string) => void }) {
    this.#records = records;
    this.#onStuck = onStuck;
  }

  async revert({ instance, context }: TaskStateRevert): Promise<void> {
    if (!context) return;
    const asker = context as RequestContext;
    const taskOwner = taskOwnerOf(asker);
    try {
      await this.#records.stage(asker, [
        {
          write: 'update-instance',
          uuid: instance.uuid,
          patch: { taskState: null, taskOwner: null },
          guard: { taskOwner },
        },
      ]);
    } catch (failure) {
      const nothingToRevert =
        isComputeError(failure, 'UNEXPECTED_TASK_STATE') || isComputeError(failure, 'INSTANCE_NOT_FOUND');
      if (nothingToRevert) return;
      this.#onStuck(instance.uuid);
      throw failure;
    }
  }
}
