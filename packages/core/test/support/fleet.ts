import {
  createComputeHost,
  createComputeService,
  InProcessPeers,
  MemoryStore,
  silentLog,
  type AcceptedAction,
  type ComputeHost,
  type ComputeService,
  type InstanceAction,
} from '@virtkit/core';
import { FakeDatacenter, fakeDriver, VirtualClock, type FakeHypervisor } from '@virtkit/driver-fake';
import { expect } from 'vitest';
import { createRequest, quietLife, settledOn, tenant } from './fake-compute.js';
import { imageId, memoryProviders, volumeIds, type MemoryProviders } from './memory-providers.js';

export const fleetHosts = ['alpha', 'beta'] as const;
export type FleetHost = (typeof fleetHosts)[number];

/** Two hosts, and a service that has neither's driver, on one store. */
export interface Fleet extends MemoryProviders, AsyncDisposable {
  readonly service: ComputeService;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly peers: InProcessPeers;
  readonly hypervisors: Readonly<Record<FleetHost, FakeHypervisor>>;
  readonly hosts: Readonly<Record<FleetHost, ComputeHost>>;
  settled<Value>(promise: Promise<Value>): Promise<Value>;
  /** Has the service accept something, and waits for its end. */
  done(accepted: Promise<AcceptedAction>): Promise<InstanceAction>;
  /** Builds an instance with a volume and an interface on a host, through the service. */
  build(host: FleetHost, instanceUuid: string): Promise<void>;
}

export async function fleet(): Promise<Fleet> {
  const clock = new VirtualClock();
  const datacenter = new FakeDatacenter({ clock, storage: 'shared' });
  const store = new MemoryStore({ now: () => clock.now() });
  const peers = new InProcessPeers({ clock });
  const providers = memoryProviders(clock);
  const { images, networks, volumes } = providers;
  const hypervisors = { alpha: datacenter.addHost('alpha'), beta: datacenter.addHost('beta') };
  const shared = { clock, store, peers, images, networks, volumes, log: silentLog };
  const settled = <Value>(promise: Promise<Value>): Promise<Value> => settledOn(clock, promise);
  const start = (host: FleetHost): Promise<ComputeHost> => {
    const driver = { name: 'fake', configuration: { hypervisor: hypervisors[host] } };
    return settled(createComputeHost({ ...shared, host, hostLife: quietLife, drivers: [fakeDriver], driver }));
  };
  const hosts = { alpha: await start('alpha'), beta: await start('beta') };
  let next: FleetHost = 'alpha';
  const placement = { choose: () => Promise.resolve(next) };
  const service = await createComputeService({ ...shared, placement });
  const done: Fleet['done'] = async (accepted) => {
    const { action, finished } = await settled(accepted);
    await settled(finished);
    return await store.getAction(action.uuid);
  };
  return {
    ...providers,
    service,
    clock,
    store,
    peers,
    hypervisors,
    hosts,
    settled,
    done,
    build: async (host, uuid) => {
      next = host;
      const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
      const [volumeId] = volumeIds;
      const whole = { ...request, imageId, networks: [{}], volumes: [{ volumeId }] };
      expect(await done(service.api.create(tenant, whole))).toMatchObject({ state: 'succeeded', host });
    },
    [Symbol.asyncDispose]: async () => {
      await settled(Promise.all([service.close(), ...Object.values(hosts).map((host) => host.close())]));
    },
  };
}
