import { ComputeError, isComputeError, type AcceptedAction, type TenantAction } from '@virtkit/core';
import { vi } from 'vitest';
import { admin, quietLife, tenant } from './fake-compute.js';
import { beginMove, leaderOf, preparedMove, type MoveScene } from './move-case.js';
import { endedAt, planMeeting, type MovePoint } from './move-preemption.js';
import { brokenPromisesOfMove } from './move-promises.js';
import type { MoveStory } from './move-stories.js';
import { moveWayOutProblems, withPower } from './move-way-out.js';
import { instanceUuid, perform, type TwoHosts } from './two-hosts.js';

/** Longer than a lease lasts, in milliseconds. */
const LEASE_MS = 61_000;

/** Longer than what is tried again by itself waits while a host is dead, in milliseconds. */
const PATIENCE_MS = 120_000;

/** What somebody asks in the middle of a move that is no delete. */
export interface Interference {
  readonly name: string;
  /** Asks for it. Rejects when it is refused. */
  readonly ask: (scene: MoveScene, move: AcceptedAction) => Promise<AcceptedAction | undefined>;
  /** The host that is dead from then on. */
  readonly dead?: 'alpha';
}

export interface Interfered {
  readonly end: 'accepted' | 'refused' | 'not reached';
  readonly problems: readonly string[];
}

export const interferences: readonly Interference[] = [
  { name: 'force stop', ask: ({ hosts }) => hosts.beta.compute.api.forceStop(tenant, instanceUuid) },
  { name: 'soft delete', ask: ({ hosts }) => hosts.beta.compute.api.softDelete(tenant, instanceUuid) },
  {
    name: 'cancel',
    ask: async ({ hosts }, { action }) => {
      await hosts.beta.compute.api.cancel(admin, action.uuid);
      return undefined;
    },
  },
  {
    name: 'evacuation',
    dead: 'alpha',
    ask: async ({ hosts }) => {
      await hostFallsSilent(hosts);
      return await hosts.beta.compute.api.moves.evacuate(admin, instanceUuid);
    },
  },
];

/** A host that comes back finds its guests off, and says so. */
const readingQueues = { everyMs: { ...quietLife.everyMs, actionSweep: 1_000, powerSync: 60_000 } } as const;

/** The first host loses its power, its manager no longer reaches the store, and its lease runs out. */
async function hostFallsSilent({ datacenter, store, clock }: TwoHosts): Promise<void> {
  datacenter.host('alpha').switchOff();
  const renew = store.renewSession.bind(store);
  vi.spyOn(store, 'renewSession').mockImplementation((session, ...rest) =>
    session.host === 'alpha' ? Promise.reject(new ComputeError('STORE_UNAVAILABLE', {})) : renew(session, ...rest),
  );
  await clock.sleep(LEASE_MS);
}

/** Has a move carried out, and something else asked at one moment of it. Both end, every promise is kept, and the way out works. */
export async function interfere(
  story: MoveStory,
  point: MovePoint,
  { name, ask, dead }: Interference,
): Promise<Interfered> {
  const scene = await preparedMove(story, 'shared', readingQueues);
  const { hosts } = scene;
  let asked: Promise<AcceptedAction | undefined> | undefined;
  const begun = Promise.withResolvers<AcceptedAction>();
  planMeeting(scene, point, async () => {
    asked = begun.promise.then((move) => ask(scene, move));
    await asked.catch(() => undefined);
  });
  const move = await beginMove(story, scene);
  begun.resolve(move);
  const ended = await endedAt(hosts, move);
  if (!asked) return { end: 'not reached', problems: [] };
  const answer = await hosts.beta.settled(asked.catch((failure: unknown) => failure));
  if (answer instanceof Error && !isComputeError(answer)) return { end: 'refused', problems: [String(answer)] };
  const isRefused = answer instanceof Error;
  const other = isRefused ? undefined : (answer as AcceptedAction | undefined);
  const last = other ? (await endedAt(hosts, other)).action : ended.action;
  const problems: string[] = [];
  // A manager that lost its host tells nobody of an end that it does not know.
  if (!ended.action && dead === undefined) problems.push('the move does not end');
  if (other && !last) problems.push('what was asked does not end');
  const action: TenantAction | undefined = last ?? ended.action;
  if (!action) return { end: isRefused ? 'refused' : 'accepted', problems };
  if (dead) problems.push(...(await problemsWhileDead(hosts)));
  vi.restoreAllMocks();
  const present = dead ? await withPower(dead, hosts) : await restored(hosts);
  const leader = leaderOf(story, hosts);
  // A confirm that its caller cancels is half done: it is confirmed again.
  const isHalfConfirmed = name === 'cancel' && story.name === 'confirm a resize';
  const failed = dead || isHalfConfirmed ? 'for long' : 'for a moment';
  const settled = { hosts: present, leader, dead: undefined, action, planted: 'nothing', lostWrites: 'none' } as const;
  problems.push(...(await brokenPromisesOfMove({ ...settled, failed })));
  problems.push(...(await moveWayOutProblems(story, 'shared', present)));
  return { end: isRefused ? 'refused' : 'accepted', problems };
}

/** What holds while the host is dead: the instance is free for what comes next, and no second guest runs. */
async function problemsWhileDead(hosts: TwoHosts): Promise<readonly string[]> {
  await hosts.clock.advance(PATIENCE_MS);
  const { taskState } = await hosts.record();
  const runsOn = hosts.datacenter.hostsRunning(instanceUuid);
  return [
    ...(taskState === null ? [] : [`the task state is left at ${taskState} while a host is dead`]),
    ...(runsOn.length <= 1 ? [] : [`the guest runs on ${runsOn.join(' and ')} while a host is dead`]),
  ];
}

/** What was deleted softly is there again. */
async function restored(hosts: TwoHosts): Promise<TwoHosts> {
  const { vmState, host } = await hosts.record();
  const fake = hosts[host === 'beta' ? 'beta' : 'alpha'];
  if (vmState === 'soft-delete') await perform(fake, (context) => fake.compute.api.restore(context, instanceUuid));
  return hosts;
}
