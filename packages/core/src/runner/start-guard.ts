import type { Operation } from '../model/operations/operation.js';
import { taskStates, type TaskState } from '../model/task-state.js';
import type { InstanceGuard } from '../store/store-write.js';

/** The states from which an operation starts, for the store, where nobody can come between a check and the write. */
export function startGuard(operation: Operation): InstanceGuard {
  const { vmStates, overTaskStates, spares } = operation;
  if (overTaskStates === 'any' && spares.length === 0) return { vmState: vmStates };
  return { vmState: vmStates, taskState: [null, ...taskStatesOver(operation)] };
}

/** The task states from which an operation starts, beside none. */
export function taskStatesOver({ overTaskStates, spares }: Operation): readonly TaskState[] {
  return overTaskStates === 'any' ? taskStates.filter((state) => !spares.includes(state)) : overTaskStates;
}
