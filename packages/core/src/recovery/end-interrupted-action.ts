import { ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';
import { endPreemptedAction, type EndPreemptedDeps } from '../runner/end-preempted-action.js';

/**
 * Ends an action that does not hold its instance any more and that nobody carries out. The end of an action and of its hold are written
 * together, so another action preempted it, and its process died before it could say so.
 */
export async function endInterruptedAction(action: InstanceAction, deps: EndPreemptedDeps): Promise<void> {
  const failure = new ComputeError('INTERRUPTED', { operation: operations[action.operation].verb });
  await endPreemptedAction(action, { state: 'cancelled', failure }, deps);
}
