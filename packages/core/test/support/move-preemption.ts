import { isComputeError, requestContext, type AcceptedAction, type TenantAction } from '@virtkit/core';
import { isOver } from '../../src/model/migration.js';
import { quietLife, tenant } from './fake-compute.js';
import { beginMove, driverPoints, leaderOf, preparedMove, type DriverPoint, type MoveScene } from './move-case.js';
import { brokenOf } from './promises/promise-list.js';
import type { MoveStory } from './move-stories.js';
import { hostNames, instanceUuid, type HostName, type TwoHosts } from './two-hosts.js';

/** A moment of a move: before or after one of its calls to the driver of either host or to a provider, or one of its commits. */
export type MovePoint = {
  readonly when: 'before' | 'after';
} & (
  | { readonly of: 'driver'; readonly point: DriverPoint }
  | { readonly of: 'provider'; readonly at: string; readonly nth: number }
  | { readonly of: 'store'; readonly nth: number }
);

/**
 * How long a delete and the move that it preempts may take, in milliseconds: a manager reads its queue every second, a call of a simulated
 * host takes less than that, and nobody is waited for. A delete waits 10 s for what does not end.
 */
const DELETE_MS_MAX = 3_000;

/** Longer than whatever is tried again after the end waits, in milliseconds. */
const PATIENCE_MS = 120_000;

/** A manager reads every second what others have submitted for its host. */
const readingQueues = { everyMs: { ...quietLife.everyMs, actionSweep: 1_000 } } as const;

/** Longer than the longest call between managers takes, in milliseconds. */
const GIVEN_UP_AFTER_MS = 3_600_000;

/** Every moment of a move that goes well. The commit that submits it is none: before it there is nothing to preempt. */
export async function movePoints(story: MoveStory): Promise<readonly MovePoint[]> {
  const scene = await preparedMove(story, 'shared', readingQueues);
  const { hosts, store } = scene;
  const { finished } = await beginMove(story, scene);
  const { state } = await story.leader(hosts).settled(finished);
  if (state !== 'succeeded') throw new Error(`${story.name} does not succeed by itself`);
  const points: MovePoint[] = [];
  for (const when of ['before', 'after'] as const) {
    for (const point of driverPoints(scene)) points.push({ when, of: 'driver', point });
    for (const { at, nth } of hosts.providerFaults.points()) points.push({ when, of: 'provider', at, nth });
    for (let nth = 2; nth <= store.units.length; nth++) points.push({ when, of: 'store', nth });
  }
  await hosts[Symbol.asyncDispose]();
  return points;
}

export function nameOfPoint(point: MovePoint): string {
  if (point.of === 'driver') return `${point.when} ${point.point.at} ${point.point.nth} on ${point.point.host}`;
  if (point.of === 'provider') return `${point.when} ${point.at} ${point.nth}`;
  return `${point.when} commit ${point.nth}`;
}

export interface PreemptedMove {
  /** `refused`: the instance was deleted by then. */
  readonly end: 'preempted' | 'refused' | 'not reached';
  readonly problems: readonly string[];
}

/** Has a move carried out, and the instance deleted at one moment of it, by the manager of one host. */
export async function deleteInMove(story: MoveStory, point: MovePoint, at: HostName): Promise<PreemptedMove> {
  const scene = await preparedMove(story, 'shared', readingQueues);
  const { hosts } = scene;
  const { clock } = hosts;
  const context = requestContext({ projectId: tenant.projectId, userId: tenant.userId });
  let isReached = false;
  let sinceMs = 0;
  let other: AcceptedAction | undefined;
  let refusal: unknown;
  planMeeting(scene, point, async () => {
    isReached = true;
    sinceMs = clock.now();
    try {
      other = await hosts[at].compute.api.delete(context, instanceUuid);
    } catch (failure) {
      refusal = failure;
    }
  });
  const move = await beginMove(story, scene);
  const ended = await endedAt(hosts, move);
  if (!isReached) return { end: 'not reached', problems: [] };
  if (!other) {
    const problems = isComputeError(refusal) ? [] : [`the delete is refused with ${String(refusal)}`];
    return { end: 'refused', problems };
  }
  const deleted = await endedAt(hosts, other);
  const problems: string[] = [];
  for (const { action, atMs } of [ended, deleted]) {
    const tookMs = atMs - sinceMs;
    if (tookMs > DELETE_MS_MAX)
      problems.push(`${action?.operation ?? 'one of them'} ends ${tookMs} ms after the delete is submitted`);
  }
  const { action } = deleted;
  if (!action || !ended.action) return { end: 'preempted', problems };
  if (action.state !== 'succeeded') problems.push(`delete ends ${action.state}: ${action.failure?.message}`);
  problems.push(...(await afterDelete(story, hosts, ended.action, action)));
  return { end: 'preempted', problems };
}

/** Has somebody met at one moment of a move, which waits meanwhile. */
export function planMeeting({ hosts, store }: MoveScene, point: MovePoint, meet: () => Promise<void>): void {
  const fault = { type: 'meet', meet, when: point.when } as const;
  if (point.of === 'store') store.arm({ nth: point.nth, attempts: 1, fault });
  else if (point.of === 'provider') hosts.providerFaults.add({ at: point.at, nth: point.nth, fault });
  else hosts.datacenter.host(point.point.host).faults.add({ at: point.point.at, nth: point.point.nth, fault });
}

interface Ended {
  /** None when it has not ended. */
  readonly action: TenantAction | undefined;
  readonly atMs: number;
}

/** How an action ends, however much time that takes; none when it never does. */
export async function endedAt({ alpha, clock }: TwoHosts, { finished }: AcceptedAction): Promise<Ended> {
  const end = finished.then((action) => ({ action, atMs: clock.now() }));
  const never = clock.sleep(GIVEN_UP_AFTER_MS).then(() => ({ action: undefined, atMs: clock.now() }));
  return await alpha.settled(Promise.race([end, never]));
}

/** What is not so once both have ended: one end each is told, nothing is held anywhere, and the record of the move has ended. */
async function afterDelete(
  story: MoveStory,
  hosts: TwoHosts,
  ...actions: readonly TenantAction[]
): Promise<readonly string[]> {
  const problems: string[] = [];
  const { store, networks, volumes } = hosts;
  await hosts.clock.advance(PATIENCE_MS);
  for (const action of actions) {
    const broken = await brokenOf(
      {
        ...{ store, instanceUuid, planted: 'nothing', lostWrites: 'none' },
        actionUuid: action.uuid,
        hypervisor: hosts.datacenter.host(leaderOf(story, hosts)),
        providers: { networks, volumes },
        logLines: hostNames.flatMap((name) => hosts[name].logLines),
        readable: () => Promise.resolve(actions),
      },
      {
        'what was acknowledged is kept, and nothing of a tenant is lost': 'nobody dies here',
        'the instance is in one place': 'it is in none, which is looked at below',
      },
    );
    problems.push(...broken.map((each) => `${action.operation}: ${each}`));
  }
  const { vmState } = await hosts.record();
  if (vmState !== 'deleted') problems.push(`the instance is ${vmState}`);
  for (const host of hostNames) {
    const left = hosts.leftOn(host);
    if (left.length > 0) problems.push(`${host} holds ${left.join(', ')}`);
  }
  for (const { uuid, status } of await store.listMigrations({ instanceUuid })) {
    if (!isOver({ status })) problems.push(`the move ${uuid} is ${status}`);
  }
  await hosts[Symbol.asyncDispose]();
  return problems;
}
