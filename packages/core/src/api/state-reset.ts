import { z } from 'zod';
import { ComputeError, isComputeError, type CallOptions, type Clock, type PowerState } from '../driver/index.js';
import { isFinished } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import { operations } from '../model/operation-table.js';
import { contextOfAction, type RequestContext } from '../model/request-context.js';
import { endOfAction } from '../recorders/end-of-action.js';
import type { Records } from '../records/records.js';
import type { Hosts } from '../requests/hosts.js';
import { stepsListed } from '../runner/settle-steps.js';
import type { StoreWrite } from '../store/store-write.js';

export interface StateResetParts {
  /** Who publishes the reset. */
  readonly host: string;
  readonly hosts: Hosts;
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

  /** One commit: the states, the end of what was unfinished, the event of it. The steps of what was unfinished are listed for the collector. */
  async reset(
    context: RequestContext,
    instance: Instance,
    vmState: 'active' | 'error',
    options?: CallOptions,
  ): Promise<Instance> {
    const { hosts, records } = this.#parts;
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
    const powerState = await this.#powerState(context, instance, options);
    const states = { vmState, powerState, taskState: null, taskOwner: null };
    const actions = await records.store.listActions(uuid, options);
    const leavesSteps = actions.some(({ state, steps = [] }) => state === 'running' || steps.length > 0);
    const patch = { ...states, ...(leavesSteps && stepsListed(instance, this.#parts.clock.now())) };
    const guard = { taskState: [taskState], taskOwner };
    const committed = await records.commit(
      [
        { write: 'update-instance', uuid, patch, guard },
        ...(await this.#endActions({ ...instance, ...patch }, options)),
        this.#event(context, uuid),
      ],
      options,
    );
    // What still runs finds that it has lost its hold, and is not waited for.
    if (taskOwner !== null && instance.host !== null) {
      void hosts
        .of(instance.host)
        .cancelAction({ actionUuid: taskOwner })
        .catch(() => false);
    }
    return committed.get(uuid) ?? { ...instance, ...patch };
  }

  /** The driver's answer. That of a host which cannot be reached stays as it is on record. */
  async #powerState(context: RequestContext, instance: Instance, options?: CallOptions): Promise<PowerState> {
    const { host, powerState } = instance;
    if (host === null) return 'NOSTATE';
    try {
      return await this.#parts.hosts.of(host).getPowerState({ context, instance }, options);
    } catch (failure) {
      if (isComputeError(failure, 'HOST_UNAVAILABLE')) return powerState;
      throw failure;
    }
  }

  async #endActions(instance: Instance, options?: CallOptions): Promise<readonly StoreWrite[]> {
    const { records, host, clock } = this.#parts;
    const damaged = await records.store.listDamaged(instance.host ?? host, options);
    const writes: StoreWrite[] = damaged
      .filter(({ record, instanceUuid }) => record === 'action' && instanceUuid === instance.uuid)
      .map(({ uuid }) => ({ write: 'end-damaged-action', uuid }));
    for (const action of await records.store.listActions(instance.uuid, options)) {
      if (isFinished(action)) continue;
      const operation = operations[action.operation];
      const events = await records.store.listEvents(action.uuid, options);
      const end = endOfAction({
        operation,
        action,
        context: contextOfAction(action),
        outcome: { state: 'cancelled', failure: new ComputeError('ABORTED', { operation: operation.verb }) },
        instance,
        openEvents: events.filter(({ finishedAtMs }) => finishedAtMs === null),
        host,
        nowMs: clock.now(),
      });
      writes.push(...end.writes);
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
