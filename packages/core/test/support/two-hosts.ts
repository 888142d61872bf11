import { InProcessPeers, MemoryStore, requestContext, type HostPeers, type Instance } from '@virtkit/core';
import { FakeDatacenter, VirtualClock, type FakeDatacenterOptions } from '@virtkit/driver-fake';
import { createRequest, fakeCompute, tenant, type FakeCompute, type FakeComputeParts } from './fake-compute.js';
import { leftOn } from './left-on.js';
import { imageId, memoryProviders, volumeIds, type MemoryProviders } from './memory-providers.js';

export const instanceUuid = '11111111-2222-4333-8444-555555555555';
export const large = { name: 'large', vcpus: 2, memoryMib: 256, rootDiskGib: 2 };

/** What the guest has written to its disk before it moves. */
export const mark = 'what a tenant has written';

export const hostNames = ['alpha', 'beta'] as const;
export type HostName = (typeof hostNames)[number];

export interface TwoHosts extends MemoryProviders, AsyncDisposable {
  readonly clock: VirtualClock;
  readonly datacenter: FakeDatacenter;
  readonly store: MemoryStore;
  readonly peers: HostPeers;
  readonly alpha: FakeCompute;
  readonly beta: FakeCompute;
  /** What each host holds of the instance, in words; empty for nothing. */
  leftOn(host: HostName): readonly string[];
  record(): Promise<Instance>;
  /** The status of the newest move. */
  status(): Promise<string | undefined>;
  /** Starts a manager in the place of one that has died. */
  restarted(host: HostName): Promise<FakeCompute>;
}

export interface TwoHostsParts extends Omit<FakeDatacenterOptions, 'clock'> {
  readonly store?: (clock: VirtualClock) => MemoryStore;
  readonly peersAround?: (peers: HostPeers, clock: VirtualClock) => HostPeers;
  readonly betaSize?: { readonly memoryMib: number };
  readonly compute?: FakeComputeParts;
}

/** Two managers on one store, each on a simulated host, and an instance with a volume and an interface that runs on the first. */
export async function twoHosts(parts: TwoHostsParts = {}): Promise<TwoHosts> {
  const { store: storeOn, peersAround = (peers) => peers, betaSize = {}, compute = {}, ...fabric } = parts;
  const clock = new VirtualClock();
  const datacenter = new FakeDatacenter({ clock, ...fabric });
  const store = storeOn?.(clock) ?? new MemoryStore({ now: () => clock.now() });
  const peers = peersAround(new InProcessPeers({ clock }), clock);
  const providers = memoryProviders(clock);
  const { images, networks, volumes } = providers;
  const hypervisors = { alpha: datacenter.addHost('alpha'), beta: datacenter.addHost('beta', betaSize) };
  const started: FakeCompute[] = [];
  const start = async (host: HostName, more: FakeComputeParts = {}): Promise<FakeCompute> => {
    const shared = { clock, store, peers, images, networks, volumes };
    const fake = await fakeCompute({ ...shared, host, hypervisor: hypervisors[host], ...compute, ...more });
    started.push(fake);
    return fake;
  };
  const alpha = await start('alpha');
  const beta = await start('beta');
  const hosts: TwoHosts = {
    ...providers,
    clock,
    datacenter,
    store,
    peers,
    alpha,
    beta,
    leftOn: (host) => leftOn(hypervisors[host], instanceUuid),
    record: () => store.getInstance(instanceUuid),
    status: async () => (await store.listMigrations({ instanceUuid }))[0]?.status,
    restarted: async (host) => {
      const next = await start(host, { session: { takeOver: 'at-once' } });
      await next.settled(next.compute.recovered());
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      await alpha.settled(Promise.all(started.map(({ compute: each }) => each.close())));
    },
  };
  const { image: _image, networkInterfaces: _interfaces, ...request } = createRequest({ uuid: instanceUuid });
  const belongings = { imageId, networks: [{}], volumes: [{ volumeId: volumeIds[0] }] };
  await perform(alpha, (context) => alpha.compute.api.create(context, { ...request, ...belongings }));
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
