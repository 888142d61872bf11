import { isComputeError, type AcceptedAction, type OperationName } from '@virtkit/core';
import type { FaultPoint } from '@virtkit/driver-fake';
import { operations } from '../../src/model/operation-table.js';
import { startGuard } from '../../src/runner/start-guard.js';
import { brokenPromises } from './promises.js';
import { quietLife, tenant } from './fake-compute.js';
import type { ProvidedCompute } from './memory-providers.js';
import { storyOf } from './stories/all-stories.js';
import { instanceUuid } from './stories/story.js';
import { afterlife, begin, perform, prepared, wayOutProblems } from './story-host.js';

/** What an owner did not take back at once the collector gives back. */
const collecting = { everyMs: { ...quietLife.everyMs, releaseSweep: 60_000 } } as const;

/** The operations that preempt whatever runs for an instance on its host. */
export const preemptors = ['forceStop', 'softDelete', 'terminate'] as const satisfies readonly OperationName[];
export type Preemptor = (typeof preemptors)[number];

/** A moment of an operation: before or after one of its calls to the driver or a provider, or one of its commits. */
export type PreemptionPoint = {
  readonly when: 'before' | 'after';
} & (
  | { readonly of: 'driver'; readonly point: Required<FaultPoint> }
  | { readonly of: 'provider'; readonly at: string; readonly nth: number }
  | { readonly of: 'store'; readonly nth: number }
);

/** Every moment of a story that goes well. The commit that submits it is none: before it there is nothing to preempt. */
export async function preemptionPoints(story: string): Promise<readonly PreemptionPoint[]> {
  const { fake, store } = await prepared(story);
  const { state } = await perform(fake, story);
  if (state !== 'succeeded') throw new Error(`${story} does not succeed by itself`);
  const moments = ['before', 'after'] as const;
  const points: PreemptionPoint[] = [];
  for (const when of moments) {
    for (const point of fake.hypervisor.journal.points()) points.push({ when, of: 'driver', point });
    for (const { at, nth } of fake.providerFaults.points()) points.push({ when, of: 'provider', at, nth });
    for (let nth = 2; nth <= store.units.length; nth++) points.push({ when, of: 'store', nth });
  }
  await fake.settled(fake.compute.close());
  return points;
}

export function nameOf(point: PreemptionPoint): string {
  if (point.of === 'driver') return `${point.when} ${point.point.at} ${point.point.nth}`;
  if (point.of === 'provider') return `${point.when} ${point.at} ${point.nth}`;
  return `${point.when} commit ${point.nth}`;
}

/** Whether an operation may be preempted by another at all: neither its states nor the operation itself forbid it. */
export function mayPreempt(preemptor: Preemptor, story: string): boolean {
  const preempted = operations[storyOf(story).operation ?? (story as OperationName)];
  const { taskState } = startGuard(operations[preemptor]);
  return taskState === undefined || preempted.taskStates.every((each) => taskState.includes(each));
}

export interface Preempted {
  /** `refused`: the instance was in no state for it by then, such as one that is deleted. */
  readonly end: 'preempted' | 'refused' | 'not reached';
  readonly problems: readonly string[];
}

/** Carries a story out and preempts it at one moment. `cancelled`: the preempting operation is cancelled as soon as it is submitted. */
export async function preempt(
  story: string,
  preemptor: Preemptor,
  point: PreemptionPoint,
  fate: 'carried out' | 'cancelled' = 'carried out',
): Promise<Preempted> {
  const { fake, store } = await prepared(story, { hostLife: collecting });
  let other: AcceptedAction | undefined;
  let refusal: unknown;
  let isReached = false;
  const meet = async (): Promise<void> => {
    isReached = true;
    try {
      other = await begin(fake, preemptor);
      if (fate === 'cancelled') await fake.compute.api.cancel(tenant, other.action.uuid);
    } catch (failure) {
      refusal = failure;
    }
  };
  const fault = { type: 'meet', meet, when: point.when } as const;
  if (point.of === 'driver') fake.hypervisor.faults.add({ ...point.point, fault });
  else if (point.of === 'provider') fake.providerFaults.add({ at: point.at, nth: point.nth, fault });
  else store.arm({ nth: point.nth, attempts: 1, fault });

  const victim = await fake.settled(begin(fake, story).catch((failure: unknown) => failure as Error));
  const ended = victim instanceof Error ? undefined : await fake.settled(victim.finished);
  if (!isReached) return { end: 'not reached', problems: [] };
  const problems: string[] = [];
  if (other) {
    const action = await fake.settled(other.finished);
    const isAsWished = action.state === (fate === 'cancelled' ? 'cancelled' : 'succeeded');
    if (!isAsWished) problems.push(`${preemptor} ends ${action.state}: ${action.failure?.message}`);
  } else if (!isComputeError(refusal)) problems.push(`${preemptor} is refused with ${String(refusal)}`);
  await fake.clock.advance(120_000);
  for (const action of [ended, other && (await other.finished)]) {
    if (!action) continue;
    const settled = { fake, instanceUuid, action, planted: 'nothing', lostWrites: 'none' } as const;
    problems.push(...(await brokenPromises(settled)).map((broken) => `${action.operation}: ${broken}`));
  }
  problems.push(...(await leftOpen(fake)), ...(await wayOutProblems(fake, 'terminate')), ...(await afterlife(fake)));
  return { end: other ? 'preempted' : 'refused', problems };
}

/** What records and image provider still have open, although every owner has answered. */
async function leftOpen({ store, images }: ProvidedCompute): Promise<readonly string[]> {
  const problems: string[] = [];
  const actions = await store.listActions(instanceUuid);
  for (const { operation, state, steps = [] } of actions) {
    if (steps.length > 0) problems.push(`steps of ${operation} (${state}) are not settled: ${JSON.stringify(steps)}`);
  }
  const { pendingRelease = [], shelvedImageId } = await store.getInstance(instanceUuid);
  if (pendingRelease.length > 0) problems.push(`not given back: ${JSON.stringify(pendingRelease)}`);
  for (const { id, kind } of await images.listImages({ instanceUuid })) {
    const maker = actions.find(({ uuid }) => uuid === id);
    const isWanted = id === shelvedImageId || (kind !== 'shelved' && maker?.state === 'succeeded') || kind === 'backup';
    if (!isWanted) problems.push(`an image (${kind}) of ${maker?.operation} (${maker?.state}) is left`);
  }
  for (const id of images.unfinishedIds) problems.push(`image ${id} is begun and left`);
  return problems;
}
