import { isComputeError, supports } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { ActionStep } from '../model/action-step.js';
import { isFinished, type InstanceAction } from '../model/instance-action.js';
import type { Instance, InstancePatch } from '../model/instance.js';
import type { Records } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';
import { StepSettlement, type StepSettlementParts } from './step-settlement.js';

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
}

export const nothingSettled: SettledSteps = { patch: {}, writes: [] };

/** How long the owners of all steps together may take. A delete waits no longer for them. */
const SETTLE_MS_MAX = 10_000;

/** What of a guest only the guest's own hypervisor can tell or do is done while the guest is still there. */
const ofTheGuest: readonly ActionStep['step'][] = ['make-volume-snapshot', 'merge-volume-snapshot'];

/** The actions of an instance that were preempted or killed and are not settled. */
export async function openActions(instanceUuid: string, records: Records): Promise<OpenActions> {
  const actions = await records.store.listActions(instanceUuid);
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
        else steps.unshift(await asSeen(step, instance, parts, options));
      }
      left.push({ ...action, steps });
    }
  });
  return { open: [...left, ...open.slice(left.length)], patch: settlement.patch };
}

/** Settles every step of these actions. Never rejects, and takes no longer than ten seconds; what is open then is pending. */
export async function settleSteps(
  instance: Instance,
  open: OpenActions,
  guest: 'off' | 'as it was',
  parts: SettleStepsParts,
): Promise<SettledSteps> {
  const settlement = new StepSettlement(instance, guest, parts);
  const steps = open.flatMap((action) => (action.steps ?? []).toReversed());
  await inTime(parts, async (options) => {
    for (const step of steps) await settlement.settle(step, options);
  });
  const writes = open.map(({ uuid, state, epoch }): StoreWrite => ({
    write: 'update-action',
    uuid,
    patch: { steps: [] },
    guard: { state: [state], epoch },
  }));
  return { patch: settlement.patch, writes };
}

/** A swap whose end nobody has written down, as the guest shows it: it writes to the replacement, or to the old volume. */
async function asSeen(
  step: ActionStep,
  instance: Instance,
  { driver, log }: SettleStepsParts,
  options: ReturnType<typeof providerOptions>,
): Promise<ActionStep> {
  if (step.step !== 'swap-volume' || step.replacement !== null || !supports(driver, 'blockStats')) return step;
  const { newVolumeId: id, reservationId } = step;
  try {
    await driver.with('blockStats').blockStats(instance, id, options);
    const source = { type: 'host-device', path: '/dev/null' } as const;
    return { ...step, replacement: { id, source, bus: 'virtio', device: 'disk', reservationId } };
  } catch (failure) {
    if (!isComputeError(failure, 'DEVICE_NOT_FOUND'))
      log.warn({ err: failure, instanceUuid: instance.uuid, volumeId: id }, 'end of a preempted swap not seen');
    return step;
  }
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
