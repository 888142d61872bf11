import { footprintOf } from '../claims/footprint.js';
import type { Claim, ResourceClaims } from '../claims/resource-claims.js';
import { isComputeError, type CallOptions, type Clock, type DriverLog, type PowerState } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { guestLostFrom } from '../guard/guest-lost.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Providers } from '../guard/providers.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import { operations, type OperationName } from '../model/operation-table.js';
import { withPending } from '../model/pending-release.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import { requestScope } from '../records/request-scope.js';
import type { StoreWrite } from '../store/store-write.js';
import { endPreempted } from './end-preempted.js';
import { isPreempted, type FailureSettler } from './failure-settler.js';
import { InstanceTask } from './instance-task.js';
import { markOfGuest } from './mark-of-guest.js';
import { PreemptedSteps } from './preempted-steps.js';
import type { Quarantine } from './quarantine.js';
import { nothingSettled } from './settle-steps.js';

export interface OperationRunnerOptions {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly records: Records;
  readonly claims: ResourceClaims;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly settler: FailureSettler;
  readonly clock: Clock;
  readonly log: DriverLog;
}

export interface OperationRun {
  readonly name: OperationName;
  readonly context: RequestContext;
  readonly instance: Instance;
  readonly options: CallOptions;
}

/** What an operation's own lines tell of their end; nothing, where the table and the driver say it all. */
export interface WorkDone {
  /** The guest's power state, where it is not this host's driver that knows it. */
  readonly powerState?: PowerState;
  /** What else is true of the instance now, such as its new flavor. Saved together with its goal. */
  readonly patch?: InstancePatch;
  /** Records that belong to its end, such as that of a move. Written together with its goal. */
  readonly writes?: readonly StoreWrite[];
}

export type OperationWork = (task: InstanceTask, signal: AbortSignal) => Promise<WorkDone | undefined | void>;

/**
 * What all operations have in common, around the few lines each has of its own: its turn in the instance's lane, the hold on
 * the task state, the true end state, after a failure too.
 */
export class OperationRunner {
  readonly #options: OperationRunnerOptions;

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  /** Resolves with the instance at the operation's goal. Rejects with the first error; the vm state is then what is true. */
  async run(run: OperationRun, work: OperationWork): Promise<Instance> {
    const { driver, records, lanes } = this.#options;
    const row = operations[run.name];
    if (row.capability) driver.with(row.capability);
    const { context, instance } = run;
    const entry = {
      instanceUuid: instance.uuid,
      operation: row.verb,
      manner: row.overTaskStates === 'any' ? ('overtake' as const) : ('wait' as const),
      signal: run.options.signal,
    };
    const unit = records.unitOf(context);
    if (unit) {
      // The turn lasts until the last record of the action is written.
      const turn = await lanes.take(entry);
      unit.onClosed = turn.leave;
      return await this.#carryOut(run, turn.signal, work);
    }
    const scope = { requestId: context.requestId, instanceUuid: instance.uuid, context };
    const turn = (signal: AbortSignal): Promise<Instance> => this.#carryOut(run, signal, work);
    return await requestScope.run(scope, () => lanes.enter(entry, turn));
  }

  async #carryOut(run: OperationRun, signal: AbortSignal, work: OperationWork): Promise<Instance> {
    const { quarantine } = this.#options;
    const { uuid } = run.instance;
    const row = operations[run.name];
    const overtakes = row.overTaskStates === 'any';
    if (!overtakes) quarantine.refuse(uuid, row.verb);
    const task = await this.#begin(run);
    let done: WorkDone = {};
    let claim: Claim | undefined;
    try {
      let preempted: PreemptedSteps | undefined;
      try {
        preempted = await PreemptedSteps.begin(task, row, this.#options);
        if (row.claims === 'flavor') claim = await this.#claim(task.instance, signal);
        await this.#recallMark(task);
        done = (await work(task, signal)) ?? {};
      } catch (thrown) {
        const failure = guestLostFrom(thrown);
        const settled = isPreempted(failure) ? undefined : await preempted?.settle('as it was');
        if ((await this.#options.settler.settle(task, failure, settled)) === 'failed') throw failure;
      }
      if (overtakes) quarantine.release(uuid);
      const { patch, writes } = (await preempted?.settle('off')) ?? nothingSettled;
      const pending = withPending(patch.pendingRelease, done.patch?.pendingRelease ?? []);
      const both = { ...patch, ...done.patch, ...(pending.length > 0 && { pendingRelease: pending }) };
      const whole = { ...done, patch: both, writes: [...writes, ...(done.writes ?? [])] };
      return await this.#succeed(task, whole);
    } finally {
      claim?.release();
    }
  }

  /** A guest from before generations may have got one of which its record does not know. */
  async #recallMark(task: InstanceTask): Promise<void> {
    const generation = await markOfGuest(task.instance, this.#options);
    if (generation !== undefined) await task.save({ generation });
  }

  async #claim({ uuid, flavor }: Instance, signal: AbortSignal): Promise<Claim> {
    return await this.#options.claims.claim(uuid, footprintOf(flavor), { signal });
  }

  async #begin({ name, context, instance }: OperationRun): Promise<InstanceTask> {
    const { host, records, clock, quarantine } = this.#options;
    const operation = operations[name];
    const begin = (): Promise<InstanceTask> =>
      InstanceTask.begin(instance, { operation, context, host, records, clock });
    try {
      return await begin();
    } catch (failure) {
      // What was overtaken has not settled in time, and its record says that it runs.
      if (operation.overTaskStates === 'any' && isComputeError(failure, 'UNEXPECTED_ACTION_STATE')) {
        await endPreempted(instance.uuid, context, { host, records, clock });
        return await begin();
      }
      // Nothing may have been begun; where there is no action whose end settles it, somebody must look.
      const isRecorded = records.unitOf(context) !== undefined;
      if (!isRecorded && isComputeError(failure, 'STORE_UNAVAILABLE')) quarantine.hold(instance.uuid);
      if (isRecorded && instance.vmState === 'building') await this.#neverBuilt(instance, context);
      throw failure;
    }
  }

  /** An instance that was not begun to be built will never be: that is told with the end of its action. */
  async #neverBuilt({ uuid }: Instance, context: RequestContext): Promise<void> {
    const guard = { taskOwner: taskOwnerOf(context) };
    await this.#options.records.stage(context, [
      { write: 'update-instance', uuid, patch: { vmState: 'error' }, guard },
    ]);
  }

  async #succeed(task: InstanceTask, { powerState, patch, writes }: WorkDone): Promise<Instance> {
    const seen = powerState ?? (await this.#look(task));
    try {
      return await task.succeed(seen, { ...patch, ...(await this.#markSeen(task)) }, writes);
    } catch (failure) {
      // The guest is where it should be and the record does not say so: somebody must go on trying.
      const isRecorded = this.#options.records.unitOf(task.context) !== undefined;
      if (!isRecorded && !isComputeError(failure, 'UNEXPECTED_TASK_STATE'))
        this.#options.quarantine.hold(task.instance.uuid);
      throw failure;
    }
  }

  /** Whether the start of a guest from before generations has given it one. What cannot be asked now is found when it is next needed. */
  async #markSeen(task: InstanceTask): Promise<InstancePatch> {
    if (task.mark === undefined) return {};
    const { driver, log } = this.#options;
    const { uuid } = task.instance;
    try {
      return task.markSeen(await driver.inspectAny({ instanceUuid: uuid }));
    } catch (failure) {
      log.warn({ err: failure, instanceUuid: uuid }, 'the generation of a guest after its start could not be read');
      return {};
    }
  }

  /** The guest's power state, where the goal depends on it. The work is done: that nobody can look does not undo it. */
  async #look({ operation, instance }: InstanceTask): Promise<PowerState> {
    const { driver, log } = this.#options;
    if (operation.goal.powerState !== 'as-seen') return operation.goal.powerState;
    try {
      return (await driver.getInfo({ instance })).powerState;
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return 'NOSTATE';
      log.warn({ err: failure, instanceUuid: instance.uuid }, 'the power state after an operation could not be read');
      // A guest that was put away does not run any more; what it is instead the next power sync finds out.
      const isPutAway = operation.goal.vmState === 'soft-delete' || operation.goal.vmState === 'shelved';
      return isPutAway ? 'NOSTATE' : instance.powerState;
    }
  }
}
