import { isComputeError, type Clock, type DriverLog, type GuestInspection } from '../driver/index.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { PowerStateTable } from '../model/power-state-policy.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import { recordInvariants } from '../runner/record-invariants.js';
import type { StoreWrite } from '../store/store-write.js';
import { ActionsInFlight } from './actions-in-flight.js';
import { startedAgain } from './boot-resume.js';
import { changeOnRecord, type ToldBy } from './change-on-record.js';
import { verdictOn, type PowerStateVerdict, type PowerTruth } from './power-state-verdict.js';
import { serviceContext } from './service-context.js';

export interface PowerReactionOptions {
  readonly host: string;
  readonly table: PowerStateTable;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly records: Records;
  readonly events: ComputeEvents;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/**
 * What may be done about what is seen. `act`: what the policy says. `look`: the record is made to say what is true, and what is to be brought back
 * is left to a later comparison, which finds it again. `look before resume`: the same, and guests that are about to be started again are not
 * taken for stopped.
 */
export type ReactionManner = 'act' | 'look' | 'look before resume';

export type { ToldBy } from './change-on-record.js';

type Enforcement = Extract<PowerStateVerdict, { verdict: 'enforce' }>;

/** Starting a guest reads disks, and all of a host may be off at once. */
const AT_ONCE_MAX = 8;

/** What is done about a guest that is not as its record has it. */
export class PowerReaction {
  readonly #options: PowerReactionOptions;
  readonly #inFlight = new ActionsInFlight(AT_ONCE_MAX);

  constructor(options: PowerReactionOptions) {
    this.#options = options;
  }

  /**
   * Writes what an idle instance's guest was seen as. To be called in the instance's lane. What it answers is to be enforced, outside
   * of it.
   */
  async note(
    instance: Instance,
    guest: GuestInspection,
    told: ToldBy,
    manner: ReactionManner = 'act',
  ): Promise<Enforcement | undefined> {
    const verdict = heldBack(verdictOn(instance, guest, this.#options.table), instance, guest, manner);
    if (verdict.verdict === 'enforce') return verdict;
    const { truth } = verdict;
    // Told when it is seen first: from then on the record has the power state.
    const isNews = truth.vmState !== instance.vmState || truth.powerState !== instance.powerState;
    if (!isNews) return undefined;
    const notification = verdict.verdict === 'alert' ? 'unexpected' : 'changed';
    const change = changeOnRecord({ instance, guest, truth, told, notification }, this.#options);
    const isWritten = await this.#write(instance, truth, change);
    if (isWritten && verdict.verdict !== 'usual') this.#tell(instance, truth, verdict.verdict);
    return undefined;
  }

  /**
   * Has an action bring the guest back, and resolves when that is begun: how it ends is on record. What cannot be enforced is told instead.
   * An aborted one was not begun, and is found again.
   */
  async enforce(instance: Instance, { truth, operation }: Enforcement, signal: AbortSignal): Promise<void> {
    const { acceptance, log } = this.#options;
    const { uuid } = instance;
    try {
      const asked = { name: operation, context: serviceContext(instance), instanceUuid: uuid, truth };
      await this.#inFlight.begin(async () => {
        const accepted = await acceptance.accept(asked);
        this.#tell(instance, truth, 'enforce');
        return accepted;
      }, signal);
    } catch (failure) {
      if (isOvertaken(failure) || signal.aborted) return;
      log.error({ err: failure, instanceUuid: uuid, operation }, 'a power state could not be enforced');
      const seen = { ...truth, vmState: instance.vmState };
      if (seen.powerState === instance.powerState) return;
      if (await this.#write(instance, seen, [this.#notification(instance, seen)])) this.#tell(instance, seen, 'alert');
    }
  }

  async #write(instance: Instance, truth: PowerTruth, others: readonly StoreWrite[]): Promise<boolean> {
    const { uuid, vmState, host } = instance;
    const nowMs = this.#options.clock.now();
    const patch = truth.vmState === vmState ? truth : recordInvariants(instance, truth, nowMs);
    const guard = { taskState: [null], vmState: [vmState], host };
    try {
      await this.#options.records.commit([{ write: 'update-instance', uuid, patch, guard }, ...others]);
      return true;
    } catch (failure) {
      if (isOvertaken(failure)) return false;
      throw failure;
    }
  }

  #tell(instance: Instance, { powerState }: PowerTruth, reaction: 'adopt' | 'enforce' | 'alert'): void {
    const deviation = { instanceUuid: instance.uuid, vmState: instance.vmState, powerState, reaction };
    this.#options.log.warn(deviation, 'a guest is not as its record has it');
    this.#options.events.emit('power-state.deviated', deviation);
  }

  #notification({ uuid, taskState }: Instance, { vmState, powerState }: PowerTruth): StoreWrite {
    return {
      write: 'append-notification',
      notification: {
        id: newRecordUuid(),
        eventType: 'instance.power_state.unexpected',
        priority: 'ERROR',
        publisher: `compute:${this.#options.host}`,
        instanceUuid: uuid,
        requestId: null,
        occurredAtMs: this.#options.clock.now(),
        payload: { vmState, taskState, powerState },
        operator: null,
      },
    };
  }
}

/** What is brought back later is until then only seen. */
function heldBack(
  verdict: PowerStateVerdict,
  { vmState }: Instance,
  { powerState }: GuestInspection,
  manner: ReactionManner,
): PowerStateVerdict {
  const isResumed = manner === 'look before resume' && vmState === 'active' && startedAgain.includes(powerState);
  const isLeft = isResumed || (manner !== 'act' && verdict.verdict === 'enforce');
  return isLeft ? { verdict: 'usual', truth: { vmState, powerState } } : verdict;
}

/** Somebody has begun to do something to the instance since it was looked at: what was seen is not true any more. */
function isOvertaken(failure: unknown): boolean {
  return (
    isComputeError(failure, 'UNEXPECTED_TASK_STATE') ||
    isComputeError(failure, 'INSTANCE_INVALID_STATE') ||
    isComputeError(failure, 'INSTANCE_QUARANTINED')
  );
}
