import type { Migration, TenantAction } from '@virtkit/core';
import { admin, tenant } from './fake-compute.js';
import { volumeIds } from './memory-providers.js';
import { claiming, type Claim } from './promises/claim.js';
import { brokenOf, type NotHere } from './promises/promise-list.js';
import type { SettledOperation } from './promises.js';
import { hostNames, instanceUuid, type HostName, type TwoHosts } from './two-hosts.js';

/** Longer than whatever is set aside waits before the ends are asked again, in milliseconds. */
const PATIENCE_MS = 120_000;

/** Longer than the longest call that hung when everything was mended, and the wait after it, in milliseconds. */
const LONG_PATIENCE_MS = 900_000;

export interface SettledMove extends Pick<SettledOperation, 'action' | 'planted' | 'lostWrites'> {
  readonly hosts: TwoHosts;
  /** The manager that led it, as it is known to the test. */
  readonly leader: HostName;
  /** A host that has no power: nobody can tell what is on it, and nobody counts what is taken of it. */
  readonly dead: HostName | undefined;
  /** What failed for a moment leaves nobody in error. What failed until somebody mended it may: then the way out must work. */
  readonly failed: 'for a moment' | 'for long';
}

/** Every promise that a move has broken that has settled, a sentence each: what every operation promises, and what is where. Empty is good. */
export async function brokenPromisesOfMove(move: SettledMove): Promise<readonly string[]> {
  const { hosts, leader, dead, action, planted, lostWrites, failed } = move;
  await hosts.clock.advance(failed === 'for long' ? LONG_PATIENCE_MS : PATIENCE_MS);
  const { store, networks, volumes } = hosts;
  const { host, vmState } = await hosts.record();
  const { api } = hosts[leader].compute;
  const broken = await brokenOf(
    {
      ...{ store, instanceUuid, planted, lostWrites },
      actionUuid: action.uuid,
      hypervisor: hosts.datacenter.host(host ?? leader),
      providers: { networks, volumes },
      logLines: hostNames.flatMap((name) => hosts[name].logLines),
      readable: async () => [action, await api.list(tenant), await api.listActions(tenant, instanceUuid)],
      places: { check: async (claim) => await checkPlaces(move, claim) },
    },
    { ...owed(move, host), 'what was acknowledged is kept, and nothing of a tenant is lost': 'nobody dies here' },
  );
  // Whether a guest is off with its host is not for the record to say.
  const isDark = host !== null && host === dead;
  // A resized guest whose removal has failed half way is off, and reverted again.
  const isHalfDown = failed === 'for long' && vmState === 'resized';
  const isNoPromise = (promise: string): boolean =>
    (isDark && /^the (vm|power) state is/.test(promise)) || (isHalfDown && promise.endsWith('has left vifs behind'));
  const providers: string[] = [];
  await checkProviders(move, claiming(providers));
  return [...broken.filter((promise) => !isNoPromise(promise)), ...providers];
}

/** What a dead host would not give back is given back when it returns. */
function owed({ dead, failed }: Pick<SettledMove, 'dead' | 'failed'>, host: string | null): NotHere {
  const isOwed = dead !== undefined && (host === dead || failed === 'for long');
  return isOwed ? { 'record, providers and guest agree': 'a dead host holds what it has' } : {};
}

/** The same of a move whose manager has died: nobody of this process can be asked. */
export async function brokenPlaces(move: Omit<SettledMove, 'planted' | 'lostWrites'>): Promise<readonly string[]> {
  const { hosts, leader, action } = move;
  const { store, networks, volumes } = hosts;
  const { host } = await hosts.record();
  const broken = await brokenOf(
    {
      ...{ store, instanceUuid },
      actionUuid: action.uuid,
      planted: 'nothing',
      lostWrites: 'none',
      hypervisor: hosts.datacenter.host(host ?? leader),
      providers: { networks, volumes },
      logLines: hostNames.flatMap((name) => hosts[name].logLines),
      places: { check: async (claim) => await checkPlaces(move, claim) },
    },
    {
      ...owed(move, host),
      'the record says what the guest is': 'every host is looked at',
      'what was acknowledged is kept, and nothing of a tenant is lost': 'the store has lost nothing',
    },
  );
  const providers: string[] = [];
  await checkProviders(move, claiming(providers));
  return [...broken, ...providers];
}

/** The promises of {@link brokenPromisesOfMove} that are about places: the guest, the record, what is left on a host and what it counts. */
export async function brokenMovePromises(
  hosts: TwoHosts,
  action: TenantAction,
  failed: SettledMove['failed'] = 'for a moment',
): Promise<readonly string[]> {
  await hosts.clock.advance(PATIENCE_MS);
  const broken: string[] = [];
  await checkPlaces({ hosts, action, dead: undefined, failed }, claiming(broken));
  return broken;
}

type Placed = Pick<SettledMove, 'hosts' | 'action' | 'dead' | 'failed'>;

async function checkPlaces({ hosts, action, dead, failed }: Placed, claim: Claim): Promise<void> {
  const instance = await hosts.record();
  const moves = await hosts.store.listMigrations({ instanceUuid });
  // An evacuation that was refused has changed nothing of the move before it.
  const migration = moves.find(({ kind, status }) => kind !== 'evacuation' || status !== 'failed') ?? moves[0];
  const runsOn = hosts.datacenter.hostsRunning(instanceUuid);
  const told = `${action.state} ${action.failure?.code ?? ''}, ${instance.vmState} on ${instance.host}, ${migration?.status}`;
  const { vmState } = instance;
  const isKept = migration !== undefined && keepsSource(migration);
  const isOff = vmState === 'stopped' || vmState === 'shelved_offloaded' || vmState === 'error';
  const wasOff = vmState === 'resized' && (failed === 'for long' || migration?.vmStateBefore === 'stopped');
  const mayBeOff = isOff || wasOff || instance.host === dead;

  claim(action.finishedAtMs !== null, 'the action is not finished');
  claim(instance.taskState === null && instance.taskOwner === null, `the task state is left at ${instance.taskState}`);
  claim(runsOn.length <= 1, `the guest runs on ${runsOn.join(' and ')}`);
  // Whoever evacuates an instance says of it what is so: that it does not run.
  const mayBeInError = failed === 'for long' || dead !== undefined;
  claim(vmState !== 'error' || mayBeInError, `the instance is in error (${told})`);
  claim(runsOn[0] === instance.host || (mayBeOff && runsOn.length === 0), `the guest runs on ${runsOn[0]} (${told})`);
  claim(isKept === (vmState === 'resized'), `the move does not agree (${told})`);
  claim(!underWay.includes(migration?.status ?? '') || (isKept && failed === 'for long'), `open: ${told}`);

  const source = isKept ? migration.sourceHost : undefined;
  for (const host of hostNames) {
    if (host === dead) continue;
    const isHere = instance.host === host;
    // What an instance in error still has, and one whose resize is half confirmed, is given back by whatever leads out of it.
    if (!(isHere && vmState === 'error') && migration?.status !== 'confirming') {
      const own = runsOn.length === 0 ? ['guest shut-off', 'disk'] : ['guest running', 'disk', 'vif'];
      const expected = [...(isHere ? own : []), ...(source === host ? ['kept disk'] : [])];
      const left = hosts
        .leftOn(host)
        .filter((each) => each !== 'vif' || own.includes('vif') || failed === 'for a moment');
      claim(JSON.stringify(left) === JSON.stringify(expected), `${host} holds ${left.join(', ')} (${told})`);
    }
    const { used } = await hosts[host].compute.operator.hostUsage(admin);
    const wanted =
      (isHere ? instance.flavor.memoryMib : 0) + (source === host ? (migration?.oldFlavor.memoryMib ?? 0) : 0);
    claim(used.memoryMib === wanted, `${host} counts ${used.memoryMib} MiB instead of ${wanted} (${told})`);
  }
}

const underWay = ['accepted', 'preparing', 'running', 'confirming', 'reverting'];

/** Whether the source keeps what the instance goes back to. An evacuation keeps nothing: it waits for its dead host. */
function keepsSource({ status, kind }: Migration): boolean {
  return kind !== 'evacuation' && (status === 'finished' || status === 'confirming');
}

/** The volumes are connected where the guest is and nowhere else, and there the network expects its interfaces. */
async function checkProviders({ hosts, dead }: Pick<SettledMove, 'hosts' | 'dead'>, claim: Claim): Promise<void> {
  const { host, vmState } = await hosts.record();
  if (vmState === 'error') return;
  const [volumeId] = volumeIds;
  const connected = hosts.volumes.attachmentOf(volumeId)?.hosts.filter((each) => each !== dead) ?? [];
  const wanted = host === null || host === dead ? [] : [host];
  claim(connected.join() === wanted.join(), `the volume is connected at ${connected.join(' and ') || 'no host'}`);
  const bound = hosts.networks.hostOf(instanceUuid);
  claim(host === null || bound === host, `the interfaces are bound to ${bound}, the instance is on ${host}`);
  claim(hosts.images.unfinishedIds.length === 0, 'an image is left unfinished');
}
