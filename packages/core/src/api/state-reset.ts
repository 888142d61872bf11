import { z } from 'zod';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { ComputeError, type CallOptions, type Clock, type PowerState } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import { isFinished } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { RequestContext } from '../model/request-context.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';

export interface StateResetParts {
  readonly host: string;
  readonly driver: GuardedDriver;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  readonly clock: Clock;
}

export const resetVmState = z.enum(['active', 'error'], 'active or error');

/** An administrator's word against the record's: which stable state an instance is in, and that nothing is being done to it. */
export class StateReset {
  readonly #parts: StateResetParts;

  constructor(parts: StateResetParts) {
    this.#parts = parts;
  }

  /** One commit: the states, the end of what was unfinished, the event of it. */
  async reset(
    context: RequestContext,
    instance: Instance,
    vmState: 'active' | 'error',
    options?: CallOptions,
  ): Promise<Instance> {
    const { dispatcher, records } = this.#parts;
    const { uuid, taskState, taskOwner } = instance;
    if (instance.vmState === 'deleted') {
      throw new ComputeError('INSTANCE_INVALID_STATE', {
        instanceUuid: uuid,
        operation: 'reset the state of',
        attribute: 'vm state',
        actual: 'deleted',
        accepted: ['any other'],
      });
    }
    const powerState = await this.#powerState(instance, options);
    const patch = { vmState, powerState, taskState: null, taskOwner: null };
    const guard = { taskState: [taskState], taskOwner };
    const committed = await records.commit(
      [
        { write: 'update-instance', uuid, patch, guard },
        ...(await this.#endActions(uuid, options)),
        this.#event(context, uuid),
      ],
      options,
    );
    // What still runs here finds that it has lost its hold, and is not waited for.
    if (taskOwner !== null) dispatcher.cancel(taskOwner);
    return committed.get(uuid) ?? { ...instance, ...patch };
  }

  /** Another host's guest cannot be asked from here. */
  async #powerState({ uuid, host, powerState }: Instance, options?: CallOptions): Promise<PowerState> {
    if (host === null) return 'NOSTATE';
    if (host !== this.#parts.host) return powerState;
    return (await this.#parts.driver.inspect(uuid, options)).powerState;
  }

  async #endActions(instanceUuid: string, options?: CallOptions): Promise<readonly StoreWrite[]> {
    const { store } = this.#parts.records;
    const finishedAtMs = this.#parts.clock.now();
    const failure = tenantFailureOf(new ComputeError('ABORTED', { operation: 'go on' }));
    const writes: StoreWrite[] = [];
    for (const action of await store.listActions(instanceUuid, options)) {
      if (isFinished(action)) continue;
      const { uuid, state, epoch } = action;
      const patch = { state: 'cancelled' as const, failure, finishedAtMs };
      writes.push({ write: 'update-action', uuid, patch, guard: { state: [state], epoch } });
      for (const event of await store.listEvents(uuid, options)) {
        if (event.finishedAtMs !== null) continue;
        writes.push({ write: 'put-event', event: { ...event, finishedAtMs, result: 'Error', failure } });
      }
    }
    return writes;
  }

  /** There is no action for it: it is kept under its request. */
  #event({ requestId }: RequestContext, instanceUuid: string): StoreWrite {
    const { host, clock } = this.#parts;
    const nowMs = clock.now();
    const event = {
      id: newRecordUuid(),
      actionUuid: requestId,
      instanceUuid,
      name: 'api_reset_state',
      startedAtMs: nowMs,
      finishedAtMs: nowMs,
      result: 'Success' as const,
      failure: null,
      operator: { host, traceback: null },
    };
    return { write: 'put-event', event };
  }
}
