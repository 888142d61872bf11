import { InProcessPeers, MemoryStore, requestContext, type HostPeers, type Instance } from '@virtkit/core';
import { FakeDatacenter, VirtualClock, type FakeDatacenterOptions, type FakeHypervisor } from '@virtkit/driver-fake';
import { createRequest, fakeCompute, tenant, type FakeCompute, type FakeComputeParts } from './fake-compute.js';

export const instanceUuid = '11111111-2222-4333-8444-555555555555';
export const large = { name: 'large', vcpus: 2, memoryMib: 256, rootDiskGib: 2 };

export interface TwoHosts extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly datacenter: FakeDatacenter;
  readonly store: MemoryStore;
  readonly peers: HostPeers;
  readonly alpha: FakeCompute;
  readonly beta: FakeCompute;
  /** What each host holds of the instance, in words; empty for nothing. */
  leftOn(host: 'alpha' | 'beta'): readonly string[];
  record(): Promise<Instance>;
  /** The status of the newest move. */
  status(): Promise<string | undefined>;
  /** Starts a manager in the place of one that has died. */
  restarted(host: 'alpha' | 'beta'): Promise<FakeCompute>;
}

export interface TwoHostsParts extends Omit<FakeDatacenterOptions, 'clock'> {
  readonly store?: MemoryStore;
  readonly peersAround?: (peers: HostPeers) => HostPeers;
  readonly betaSize?: { readonly memoryMib: number };
  readonly compute?: FakeComputeParts;
}

/** Two managers on one store, each on a simulated host, and an instance that runs on the first. */
export async function twoHosts(parts: TwoHostsParts = {}): Promise<TwoHosts> {
  const { store: given, peersAround = (peers) => peers, betaSize = {}, compute = {}, ...fabric } = parts;
  const clock = new VirtualClock();
  const datacenter = new FakeDatacenter({ clock, ...fabric });
  const store = given ?? new MemoryStore({ now: () => clock.now() });
  const peers = peersAround(new InProcessPeers({ clock }));
  const hypervisors = { alpha: datacenter.addHost('alpha'), beta: datacenter.addHost('beta', betaSize) };
  const start = (host: 'alpha' | 'beta', more: FakeComputeParts = {}): Promise<FakeCompute> =>
    fakeCompute({ clock, store, peers, host, hypervisor: hypervisors[host], ...compute, ...more });
  const alpha = await start('alpha');
  const beta = await start('beta');
  const hosts: TwoHosts = {
    clock,
    datacenter,
    store,
    peers,
    alpha,
    beta,
    leftOn: (host) => held(hypervisors[host]),
    record: () => store.getInstance(instanceUuid),
    status: async () => (await store.listMigrations({ instanceUuid }))[0]?.status,
    restarted: async (host) => {
      const next = await start(host, { session: { takeOver: 'at-once' } });
      await next.settled(next.compute.recovered());
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      await alpha.settled(Promise.all([alpha.compute.close(), beta.compute.close()]));
    },
  };
  await perform(alpha, (context) => alpha.compute.api.create(context, createRequest({ uuid: instanceUuid })));
  return hosts;
}

/** Has something accepted and carried out, in a context of its own. */
export async function perform(
  fake: FakeCompute,
  ask: (context: ReturnType<typeof requestContext>) => ReturnType<FakeCompute['compute']['api']['start']>,
  role: 'tenant' | 'admin' = 'tenant',
) {
  const { projectId, userId } = tenant;
  const accepted = await fake.settled(ask(requestContext({ projectId, userId, role })));
  return await fake.settled(accepted.finished);
}

function held(hypervisor: FakeHypervisor): readonly string[] {
  const { guest, disks, vifs, kept, arrived, probe } = hypervisor.look(instanceUuid);
  return [
    ...(guest ? [`guest ${guest.state}`] : []),
    ...disks.map(() => 'disk'),
    ...vifs.map(() => 'vif'),
    ...(kept ?? []).map(() => 'kept disk'),
    ...(arrived ?? []).map(() => 'arrived disk'),
    ...(probe ? ['probe'] : []),
  ];
}
