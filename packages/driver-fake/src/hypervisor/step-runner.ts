import type { CallOptions, Clock } from '@virtkit/core/driver';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { EventFault, Fault } from '../faults/fault.js';
import type { Journal } from '../faults/journal.js';
import { isReading, type HypervisorStep } from '../faults/operation.js';
import { forEver, underFault } from '../faults/under-fault.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { ConnectionLeader, LeaderEpochs } from './leader-epochs.js';

export interface StepRunnerParts {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  /** How long every answer takes. */
  readonly latencyMs: number;
  readonly leaders: LeaderEpochs;
  readonly crashGuest: (uuid: string) => void;
  readonly withEvents: <T>(fault: EventFault, work: () => T) => T;
  /** The process at this end has died by plan. */
  readonly onCut: () => void;
}

/**
 * How every step runs: one entry in the journal, one place where a fault can strike, one round trip. It rejects with a
 * FakeHypervisorError, with the reason of its signal, or with what a fault throws.
 */
export class StepRunner {
  readonly #parts: StepRunnerParts;
  /** `cut`: the process at this end is dead; nothing it sends arrives, and nothing it awaits comes. */
  #line: 'new' | 'open' | 'closed' | 'cut' = 'new';
  #leader: ConnectionLeader | undefined;

  constructor(parts: StepRunnerParts) {
    this.#parts = parts;
  }

  isCut(): boolean {
    return this.#line === 'cut';
  }

  /** From here on every change is under the lease of this manager. */
  leadBy(leader: ConnectionLeader): void {
    this.#leader = leader;
    this.#parts.leaders.see(leader);
  }

  /** A line that was cut stays cut. */
  turn(line: 'open' | 'closed' | 'cut'): void {
    if (this.#line !== 'cut') this.#line = line;
  }

  async run<T>(
    step: HypervisorStep,
    uuid: string | undefined,
    options: CallOptions,
    effect: () => T,
  ): Promise<Awaited<T>> {
    const { clock, faults, journal, latencyMs } = this.#parts;
    if (this.isCut()) return forEver();
    options.signal?.throwIfAborted();
    const entry = journal.begin(step, uuid);
    const fault = faults.strike(step, uuid);
    try {
      if (latencyMs > 0) await clock.sleep(latencyMs, options);
      const work = (): T => this.#reach(step, effect);
      const answer = await (fault === undefined ? work() : this.#underFault(fault, step, uuid, options, work));
      if (this.isCut()) return await forEver();
      entry.outcome = 'done';
      return answer;
    } catch (failure) {
      if (this.isCut()) return await forEver();
      entry.outcome = 'failed';
      throw failure;
    }
  }

  /** The moment at which the request gets to the hypervisor, or does not. */
  #reach<T>(step: HypervisorStep, effect: () => T): T {
    if (this.#line !== 'open' && step !== 'connect') throw unreachable();
    if (!isReading(step)) this.#refuseReplaced(step);
    return effect();
  }

  /** The request of a manager that slept past its lease may arrive after the next manager has connected. */
  #refuseReplaced(step: HypervisorStep): void {
    const leader = this.#leader;
    if (!leader || !this.#parts.leaders.isReplaced(leader)) return;
    const words = `${step} under epoch ${leader.epoch} of ${leader.host}, which has a later one`;
    throw new FakeHypervisorError('older-epoch', words);
  }

  #underFault<T>(
    fault: Fault,
    step: HypervisorStep,
    uuid: string | undefined,
    { signal }: CallOptions,
    work: () => T,
  ): Promise<Awaited<T>> {
    const { clock, crashGuest, onCut, withEvents } = this.#parts;
    return underFault(
      fault,
      {
        clock,
        signal,
        answerLost: () => new FakeHypervisorError('answer-lost', `End of file while reading the answer to ${step}`),
        cutConnection: onCut,
        crashGuest: () => {
          if (uuid !== undefined) crashGuest(uuid);
        },
        withEvents,
      },
      work,
    );
  }
}

function unreachable(): FakeHypervisorError {
  return new FakeHypervisorError('unreachable', `Failed to connect socket to '/run/fake/hypervisor-sock'`);
}
