import type { Instance, InstancePatch } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import type { InstanceTask } from './instance-task.js';
import {
  nothingSettled,
  openActions,
  settleInGuest,
  settleSteps,
  type OpenActions,
  type SettledSteps,
  type SettleStepsParts,
} from './settle-steps.js';

/**
 * The steps of the actions that an operation has preempted. What only the guest can tell is settled before the operation's first effect, the
 * rest once the guest is off, or after a failure with the guest as it is.
 */
export class PreemptedSteps {
  readonly #parts: SettleStepsParts;
  readonly #task: InstanceTask;
  #open: OpenActions;
  #patch: InstancePatch = {};

  private constructor(task: InstanceTask, open: OpenActions, parts: SettleStepsParts) {
    this.#task = task;
    this.#open = open;
    this.#parts = parts;
  }

  /** For an operation that preempts others. Called when it holds the instance, and what it has preempted has ended or will not go on. */
  static async begin(task: InstanceTask, operation: Operation, parts: SettleStepsParts): Promise<PreemptedSteps> {
    const open = operation.overTaskStates === 'any' ? await openActions(task.instance.uuid, parts.records) : [];
    const steps = new PreemptedSteps(task, open, parts);
    if (open.length === 0) return steps;
    if (operation.claims === 'flavor') {
      // The guest is made anew, on another host: with what is settled, and with nothing else.
      const { patch, writes } = await steps.settle('off');
      await task.save(patch, writes);
      steps.#open = [];
      return steps;
    }
    const { open: left, patch } = await settleInGuest(task.instance, open, parts);
    steps.#open = left;
    steps.#patch = patch;
    return steps;
  }

  /** What the records have to say of them at the end of the operation. Never rejects. */
  async settle(guest: 'off' | 'as it was'): Promise<SettledSteps> {
    if (this.#open.length === 0) return nothingSettled;
    const instance: Instance = { ...this.#task.instance, ...this.#patch };
    const { patch, writes } = await settleSteps(instance, this.#open, guest, this.#parts);
    return { patch: { ...this.#patch, ...patch }, writes };
  }
}
