import type { TaskState } from '@virtkit/core';
import { operationNames, operations } from '../../src/model/operation-table.js';
import { leaveBehind, type LeftBehind } from './left-behind.js';
import { instanceUuid, runningInstance } from './running-instance.js';

/** Every task state of every operation. */
export const everyInterruption: readonly LeftBehind[] = operationNames.flatMap((operation) =>
  operations[operation].taskStates.map((taskState) => ({ operation, taskState })),
);

/** The task states that `_init_instance` of Nova's manager has no branch for, where we have them too. */
const unrecoveredByNova: readonly TaskState[] = [
  'image_backup',
  'updating_password',
  'resize_migrated',
  'resize_finish',
  'resize_reverting',
  'suspending',
  'resuming',
  'rescuing',
  'unrescuing',
  'soft-deleting',
  'restoring',
  'shelving',
  'shelving_image_pending_upload',
  'shelving_image_uploading',
  'shelving_offloading',
  'unshelving',
];

/** Where Nova leaves an instance stuck. */
export const novasDeadEnds: readonly LeftBehind[] = everyInterruption.filter(({ taskState }) =>
  unrecoveredByNova.includes(taskState),
);

/** The task states in which an instance is left when a process dies there and another one starts. None is good. */
export async function statesLeftSet(interruptions: readonly LeftBehind[]): Promise<readonly TaskState[]> {
  const left: TaskState[] = [];
  for (const interruption of interruptions) {
    const dead = await runningInstance();
    await leaveBehind(dead, interruption);
    await using next = await dead.restarted();
    const { taskState } = await next.store.getInstance(instanceUuid);
    if (taskState) left.push(taskState);
  }
  return left;
}
