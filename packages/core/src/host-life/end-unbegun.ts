import type { Clock, ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { faultOf } from '../recorders/fault-recorder.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import { contextOfAction } from './service-context.js';

export interface EndUnbegunOptions {
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
}

/**
 * Ends an action that holds its instance and was never begun, in one commit: its end, the fault, and the end of its hold. Nothing was done
 * to the guest, so that the vm state is what it was; what was to be built never will be.
 */
export async function endUnbegun(
  action: InstanceAction,
  instance: Instance,
  failure: ComputeError,
  { host, records, clock }: EndUnbegunOptions,
): Promise<void> {
  const { uuid } = action;
  const finishedAtMs = clock.now();
  const isToBuild = instance.vmState === 'building';
  const patch = { taskState: null, taskOwner: null, ...(isToBuild && { vmState: 'error' as const }) };
  const state = failure.code === 'ABORTED' ? ('cancelled' as const) : ('failed' as const);
  const told = tenantFailureOf(failure);
  const fault = faultOf({ instance, context: contextOfAction(action), failure, host, occurredAtMs: finishedAtMs });
  await records.commit([
    { write: 'update-action', uuid, patch: { state, failure: told, finishedAtMs }, guard: { state: ['queued'] } },
    { write: 'update-instance', uuid: instance.uuid, patch, guard: { taskOwner: uuid } },
    { write: 'put-fault', fault },
  ]);
}
