import { providerOptions } from '../guard/provider-options.js';
import type { ActionStep } from '../model/action-step.js';
import { isFinished, type InstanceAction } from '../model/instance-action.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import { hasOpenSteps, withPending } from '../model/pending-release.js';
import type { Records } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';
import { StepSettlement, type StepEnd, type StepSettlementParts } from './step-settlement.js';

export interface SettleStepsParts extends StepSettlementParts {
  readonly records: Records;
}

/** Actions of one instance that have ended, or will not go on, with steps on record. Newest first. */
export type OpenActions = readonly InstanceAction[];

/** What the settled steps make of the records; to be committed with the state that belongs to it. */
export interface SettledSteps {
  readonly patch: InstancePatch;
  /** The actions whose steps are settled say so. */
  readonly writes: readonly StoreWrite[];
  /** By the action's uuid: the steps of which nobody could tell yet. */
  readonly left: ReadonlyMap<string, readonly ActionStep[]>;
}

export const nothingSettled: SettledSteps = { patch: {}, writes: [], left: new Map() };

/** For an operation that ends without having looked after the actions that it preempted: that is listed on the instance. */
export function stepsListed({ pendingRelease }: Pick<Instance, 'pendingRelease'>, nowMs: number): InstancePatch {
  return { pendingRelease: withPending(pendingRelease, [{ kind: 'steps', sinceMs: nowMs }]) };
}

/** How long the owners of all steps together may take. A delete waits no longer for them. */
const SETTLE_MS_MAX = 10_000;

/** What of a guest only the guest's own hypervisor can tell or do is done while the guest is still there. */
const ofTheGuest: readonly ActionStep['step'][] = ['make-volume-snapshot', 'merge-volume-snapshot'];

/** The actions of an instance that were preempted or killed and are not settled. */
export async function openActions(instanceUuid: string, records: Records): Promise<OpenActions> {
  return openAmong(await records.store.listActions(instanceUuid));
}

export function openAmong(actions: readonly InstanceAction[]): OpenActions {
  return actions.filter((action) => isFinished(action) && (action.steps?.length ?? 0) > 0);
}

/**
 * Settles what must be settled while the guest is as it was: merges of snapshots, and whether a swap is done. Answers the actions with the
 * steps that are left, and what the record has to say of the others. Never rejects.
 */
export async function settleInGuest(
  instance: Instance,
  open: OpenActions,
  parts: SettleStepsParts,
): Promise<{ readonly open: OpenActions; readonly patch: InstancePatch }> {
  const settlement = new StepSettlement(instance, 'as it was', parts);
  const left: InstanceAction[] = [];
  await inTime(parts, async (options) => {
    for (const action of open) {
      const steps: ActionStep[] = [];
      for (const step of (action.steps ?? []).toReversed()) {
        if (ofTheGuest.includes(step.step)) await settlement.settle(step, options);
        else steps.unshift(step.step === 'swap-volume' ? await settlement.lookAtSwap(step, options) : step);
      }
      left.push({ ...action, steps });
    }
  });
  return {
    open: [...left, ...open.slice(left.length)],
    patch: settlement.patch(hasOpenSteps(instance) ? 'open' : 'settled'),
  };
}

/**
 * Settles the steps of these actions. Never rejects, and takes no longer than ten seconds; what could not be given back by then is pending, and
 * what nobody could tell stays with its action and is listed.
 */
export async function settleSteps(
  instance: Instance,
  open: OpenActions,
  guest: 'off' | 'as it was',
  parts: SettleStepsParts,
): Promise<SettledSteps> {
  const settlement = new StepSettlement(instance, guest, parts);
  const left = new Map<string, readonly ActionStep[]>();
  await inTime(parts, async (options) => {
    for (const { uuid, steps = [] } of open) {
      const kept: ActionStep[] = [];
      for (const step of steps.toReversed()) {
        if ((await settlement.settle(step, options)) === 'open') kept.unshift(step);
      }
      if (kept.length > 0) left.set(uuid, kept);
    }
  });
  const writes = open.map(({ uuid, state, epoch }): StoreWrite => ({
    write: 'update-action',
    uuid,
    patch: { steps: left.get(uuid) ?? [] },
    guard: { state: [state], epoch },
  }));
  const end: StepEnd = left.size > 0 ? 'open' : 'settled';
  return { patch: settlement.patch(end), writes, left };
}

async function inTime(
  { clock }: SettleStepsParts,
  work: (options: ReturnType<typeof providerOptions>) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const cancelTimer = clock.after(SETTLE_MS_MAX, () => over.abort());
  try {
    await work(providerOptions({ signal: over.signal }));
  } finally {
    cancelTimer();
  }
}
