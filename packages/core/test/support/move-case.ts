import {
  requestContext,
  type AcceptedAction,
  type ComputeError,
  type HostLifeConfiguration,
  type TenantAction,
} from '@virtkit/core';
import type { FaultPoint } from '@virtkit/driver-fake';
import { admin, quietLife, tenant } from './fake-compute.js';
import { FaultyPeers } from './faulty-peers.js';
import { FaultyStore } from './faulty-store.js';
import { brokenPromisesOfMove } from './move-promises.js';
import type { MoveStory } from './move-stories.js';
import { moveWayOutProblems } from './move-way-out.js';
import type { SettledOperation } from './promises.js';
import { shortDeadlinesMs } from './short-deadlines.js';
import { hostNames, instanceUuid, mark, twoHosts, type HostName, type TwoHosts } from './two-hosts.js';

export type Storage = 'own' | 'shared';

/** Two managers, and what can go wrong with whatever is between them. */
export interface MoveScene {
  readonly hosts: TwoHosts;
  readonly peers: FaultyPeers;
  readonly store: FaultyStore;
}

/** One thing that goes wrong in the middle of a move. */
export interface Trouble extends Partial<Pick<SettledOperation, 'planted' | 'lostWrites'>> {
  /** Plans it. What it answers tells afterwards how often it has struck. */
  readonly plan: (scene: MoveScene) => { readonly strikes: number };
  /** Somebody cancels the move while it is held up. */
  readonly cancelled?: true;
  /** It goes on until the move has ended, and is mended then. Default: it passes by itself. */
  readonly lasts?: 'until it is mended';
}

/** Everything that comes before the move has gone well, and its guest has written something. */
export async function preparedMove(
  story: MoveStory,
  storage: Storage,
  hostLife: HostLifeConfiguration = quietLife,
): Promise<MoveScene> {
  let peers: FaultyPeers | undefined;
  let store: FaultyStore | undefined;
  const hosts = await twoHosts({
    storage,
    bandwidthMibPerS: 1_000,
    compute: { driverTimeoutsMs: shortDeadlinesMs, hostLife },
    peersAround: (present, clock) => (peers = new FaultyPeers(present, clock)),
    store: (clock) => (store = new FaultyStore({ now: () => clock.now() })),
  });
  if (!peers || !store) throw new TypeError('two hosts were made of other parts than those that were given');
  hosts.datacenter.host('alpha').writeDisk(instanceUuid, 'root', mark);
  await story.before(hosts);
  for (const host of hostNames) hosts.datacenter.host(host).journal.clear();
  hosts.providerFaults.clearCalls();
  peers.arm();
  store.arm();
  return { hosts, peers, store };
}

export function leaderOf(story: MoveStory, hosts: TwoHosts): HostName {
  return story.leader(hosts) === hosts.alpha ? 'alpha' : 'beta';
}

/** Begins the move, in a context of its own. Rejects when it is refused. */
export async function beginMove(story: MoveStory, { hosts }: MoveScene): Promise<AcceptedAction> {
  const leader = story.leader(hosts);
  const { projectId, userId } = tenant;
  return await leader.settled(story.begin(leader, requestContext({ projectId, userId, role: 'admin' })));
}

/** Lets the move come to its end, and whatever is asked meanwhile. */
export async function endMove(
  story: MoveStory,
  { hosts }: MoveScene,
  { finished }: AcceptedAction,
  heldUp: (until: Promise<unknown>) => Promise<void> = () => Promise.resolve(),
): Promise<TenantAction> {
  const meanwhile = story.meanwhile?.(hosts);
  await heldUp(finished);
  const action = await story.leader(hosts).settled(finished);
  if (meanwhile) await hosts.alpha.settled(meanwhile);
  return action;
}

/** Where a fault can strike a move at a hypervisor, when it is made again. */
export interface DriverPoint {
  readonly host: HostName;
  readonly at: FaultPoint['at'];
  readonly nth: number;
  /** Whether it fails though nothing was planned: then nothing else can become of it after the work. */
  readonly outcome: 'done' | 'failed';
}

export function driverPoints({ hosts }: MoveScene): readonly DriverPoint[] {
  return hostNames.flatMap((host) => {
    const { entries } = hosts.datacenter.host(host).journal;
    return entries.map(({ operation: at, outcome }, index) => ({
      host,
      at,
      nth: entries.slice(0, index + 1).filter(({ operation }) => operation === at).length,
      outcome: outcome === 'failed' ? outcome : 'done',
    }));
  });
}

/** What is broken after a move that has met a trouble, and what of the way out does not work. Empty is good. */
export async function problemsOfMove(story: MoveStory, storage: Storage, trouble: Trouble): Promise<readonly string[]> {
  const scene = await preparedMove(story, storage);
  const { hosts } = scene;
  const plan = trouble.plan(scene);
  const accepted = await beginMove(story, scene).catch((failure: unknown) => failure as ComputeError);
  if (accepted instanceof Error) return await problemsOfRefusal(scene, accepted);
  const cancel = async (finished: Promise<unknown>): Promise<void> => {
    await untilStruck(hosts, plan, finished);
    await story.leader(hosts).compute.api.cancel(admin, accepted.action.uuid);
  };
  const action = await endMove(story, scene, accepted, trouble.cancelled && cancel);
  const problems = plan.strikes > 0 ? [] : ['the fault did not strike'];
  if (trouble.lasts) {
    problems.push(...(await problemsMeanwhile(hosts, action)));
    mend(scene);
  }
  const { planted = 'nothing', lostWrites = 'none' } = trouble;
  const failed = trouble.lasts ? 'for long' : 'for a moment';
  const move = {
    hosts,
    leader: leaderOf(story, hosts),
    dead: story.dead,
    action,
    planted,
    lostWrites,
    failed,
  } as const;
  problems.push(...(await brokenPromisesOfMove(move)));
  mend(scene);
  problems.push(...(await moveWayOutProblems(story, storage, hosts)));
  const waits = hosts.clock.sleeperCount;
  if (waits > 0) problems.push(`${waits} waits go on after the end`);
  return problems;
}

/** Lets time pass until the trouble has come, and half as much again as it lasts. */
async function untilStruck(
  { clock }: TwoHosts,
  plan: { readonly strikes: number },
  finished: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  void finished.then(() => (isOver = true));
  while (plan.strikes === 0 && !isOver) await clock.advanceToNext();
  await clock.advance(500);
}

/** Nothing goes wrong any more. */
function mend({ hosts, peers, store }: MoveScene): void {
  for (const host of hostNames) hosts.datacenter.host(host).faults.clear();
  hosts.datacenter.mendLink('alpha', 'beta');
  hosts.providerFaults.clear();
  peers.clear();
  store.clear();
}

/** The request was not accepted: nothing may have been written. */
async function problemsOfRefusal({ hosts }: MoveScene, refusal: ComputeError): Promise<readonly string[]> {
  const left = await hosts.store.listInstances({ taskState: 'set' });
  await hosts[Symbol.asyncDispose]();
  return left.length === 0 ? [] : [`a refused request has left a task state: ${refusal.message}`];
}

/** What is not told while the trouble lasts: the action has ended, and what nobody can know yet is set aside by its name. */
async function problemsMeanwhile(hosts: TwoHosts, action: TenantAction): Promise<readonly string[]> {
  const { taskState, vmState, host } = await hosts.record();
  const runsOn = hosts.datacenter.hostsRunning(instanceUuid);
  const asides = await Promise.all(
    hostNames.map(async (name) => (await hosts[name].compute.operator.health(admin)).quarantined),
  );
  const isTrue = runsOn.length === 0 || runsOn[0] === host;
  const isSetAside = asides.flat().includes(instanceUuid);
  const lines = hostNames.flatMap((name) => hosts[name].logLines);
  return [
    ...(action.finishedAtMs === null || taskState !== null ? ['it goes on as long as the trouble lasts'] : []),
    ...(runsOn.length > 1 ? [`the guest runs on ${runsOn.join(' and ')} meanwhile`] : []),
    ...(isTrue || isSetAside ? [] : [`it runs on ${runsOn[0]}, ${vmState} on ${host} is told`]),
    // An end that its caller asked for is told, and is no alarm.
    ...(action.state === 'succeeded' || lines.some((line) => isAlarm(line) || isToldEnd(line, action))
      ? []
      : ['no operator reads of it']),
  ];
}

function isAlarm(line: string): boolean {
  return line.includes('"level":50');
}

function isToldEnd(line: string, { failure, state }: TenantAction): boolean {
  return (
    state === 'cancelled' &&
    failure !== null &&
    line.includes('action failed by its request') &&
    line.includes(`"code":"${failure.code}"`)
  );
}
