import type { InstanceAction } from '../model/instance-action.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import { hasOpenSteps } from '../model/pending-release.js';
import type { InstanceTask } from './instance-task.js';
import {
  nothingSettled,
  openAmong,
  settleInGuest,
  settleSteps,
  type OpenActions,
  type SettledSteps,
  type SettleStepsParts,
} from './settle-steps.js';

/**
 * The steps of the actions that an operation has preempted, or that were left open before it. What only the guest can tell is settled before the operation's first effect, the
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

  /**
   * Called when the operation holds the instance, and what it has preempted has ended or will not go on. One that preempts nothing settles what
   * is listed before it begins, so that nothing it gets is taken for what an earlier action has left.
   */
  static async begin(task: InstanceTask, operation: Operation, parts: SettleStepsParts): Promise<PreemptedSteps> {
    const preempts = operation.overTaskStates === 'any';
    const isListed = hasOpenSteps(task.instance);
    const { records } = parts;
    const actions = preempts || isListed ? await records.store.listActions(task.instance.uuid) : [];
    const open = openAmong(actions);
    const unit = records.unitOf(task.context);
    unit?.noteTakenOver();
    // What was preempted may have changed the guest: should this operation change nothing, its record may still be wrong.
    if (unit && actions.some((action) => action.uuid !== unit.action.uuid && mayHaveChanged(action, unit.action)))
      task.noteChange();
    const steps = new PreemptedSteps(task, open, parts);
    if (open.length === 0) return steps;
    if (!preempts || operation.claims === 'flavor') {
      // A guest that is made anew, on another host, is made with what is settled, and with nothing else.
      const { patch, writes } = await steps.settle(preempts ? 'off' : 'as it was');
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
    const settled = await settleSteps(instance, this.#open, guest, this.#parts);
    return { ...settled, patch: { ...this.#patch, ...settled.patch } };
  }
}

/** Whether an action was at work when another one was submitted. */
function mayHaveChanged({ startedAtMs, finishedAtMs }: InstanceAction, { acceptedAtMs }: InstanceAction): boolean {
  return startedAtMs !== null && (finishedAtMs ?? Infinity) >= acceptedAtMs;
}
