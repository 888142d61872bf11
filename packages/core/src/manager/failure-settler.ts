import { isComputeError, suppress, supports, type DriverLog, type GuestInspection } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { Instance } from '../model/instance.js';
import type { InstanceTask } from './instance-task.js';
import type { Quarantine } from './quarantine.js';
import { goalReached, vmStateAfterFailure } from './vm-state-after-failure.js';

export interface FailureSettlerOptions {
  readonly driver: GuardedDriver;
  readonly quarantine: Quarantine;
  readonly log: DriverLog;
}

/** How a failed operation ends: as a failure, with the truth on record, or, where its work turns out to be done, as a success. */
export type Settlement = 'failed' | 'done after all';

/**
 * What is done about a failed operation before its failure leaves: the driver is asked what is true, has to remove what the attempt
 * has left, and the true state is saved. Whatever goes wrong with that joins the failure and never replaces it.
 */
export class FailureSettler {
  readonly #options: FailureSettlerOptions;

  constructor(options: FailureSettlerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async settle(task: InstanceTask, failure: unknown): Promise<Settlement> {
    // Another action holds the instance now, and its state is that one's to find out.
    if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) return 'failed';
    const before = task.instance;
    if (isComputeError(failure) && failure.effect === 'none') {
      const vmState = before.vmState === 'building' ? 'error' : before.vmState;
      await this.#save(task, failure, { vmState, powerState: before.powerState });
      return 'failed';
    }
    const found = await this.#inspect(failure, before);
    const isDone = found !== undefined && isDoneAfterAll(failure, task, found);
    const guest = found && (isDone && runs(found) ? found : await this.#cleanUp(failure, task, found));
    if (isDone) return 'done after all';
    await this.#save(
      task,
      failure,
      guest
        ? { vmState: vmStateAfterFailure(task.operation, before.vmState, guest), powerState: guest.powerState }
        : { vmState: 'error', powerState: 'NOSTATE' },
    );
    return 'failed';
  }

  async #inspect(failure: unknown, { uuid }: Instance): Promise<GuestInspection | undefined> {
    try {
      return await this.#options.driver.inspect(uuid);
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'find out what is true');
      this.#options.quarantine.hold(uuid);
      return undefined;
    }
  }

  /** Has the driver remove what the attempt has left, and answers with what is true then. A guest that runs is left alone. */
  async #cleanUp(failure: unknown, task: InstanceTask, guest: GuestInspection): Promise<GuestInspection | undefined> {
    const { driver } = this.#options;
    const { uuid } = task.instance;
    const destroys = task.operation.afterFailure === 'destroy';
    const nothingLeft = guest.guest === 'absent' && guest.belongings.length === 0;
    if (nothingLeft || (runs(guest) && !destroys) || !(destroys || supports(driver, 'power'))) return guest;
    try {
      await (destroys ? driver.destroy(uuid) : driver.with('power').powerOff(uuid));
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'clean up');
    }
    return await this.#inspect(failure, task.instance);
  }

  async #save(task: InstanceTask, failure: unknown, truth: Pick<Instance, 'vmState' | 'powerState'>): Promise<void> {
    const { uuid } = task.instance;
    try {
      await task.fail(failure, truth);
    } catch (secondary) {
      this.#note(failure, secondary, uuid, 'save the state');
      // A record that does not say what is true is looked after until it does; one that another action holds is that action's.
      if (!isComputeError(secondary, 'UNEXPECTED_TASK_STATE')) this.#options.quarantine.hold(uuid);
    }
  }

  #note(failure: unknown, secondary: unknown, instanceUuid: string, duty: string): void {
    this.#options.log.error({ err: secondary, instanceUuid }, `after a failure it was not possible to ${duty}`);
    suppress(failure, secondary, `${duty} after the failure`);
  }
}

function runs({ powerState }: GuestInspection): boolean {
  return powerState === 'RUNNING' || powerState === 'PAUSED';
}

/**
 * Whether an operation of unknown outcome has reached its goal. A running guest does not prove a reboot: it may be the old
 * life.
 */
function isDoneAfterAll(failure: unknown, task: InstanceTask, guest: GuestInspection): boolean {
  const outcomeOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
  return outcomeOpen && task.operation.action !== 'reboot' && goalReached(task.operation, guest);
}
