import { systemClock } from '@virtkit/core';
import { FakeDatacenter, type FakeHypervisor } from '@virtkit/driver-fake';
import { MemoryImages } from '../support/memory-images.js';
import { MemoryNetworks } from '../support/memory-networks.js';
import { imageId, volumeIds } from '../support/memory-providers.js';
import { MemoryVolumes } from '../support/memory-volumes.js';
import { ProviderFaults } from '../support/provider-faults.js';

type Connection = ReturnType<FakeHypervisor['connect']>;
type GuestEvent = Parameters<Parameters<FakeHypervisor['connect']>[0]['onGuestEvent']>[0];

/** What outlives every process of a manager: the hypervisor, and the providers of images, networks and volumes. */
export class MachineRoom implements Disposable {
  readonly datacenter: FakeDatacenter;
  readonly hosts: readonly string[];
  readonly providerFaults = new ProviderFaults(systemClock);
  readonly images = new MemoryImages(this.providerFaults);
  readonly networks = new MemoryNetworks(this.providerFaults);
  readonly volumes = new MemoryVolumes(this.providerFaults);
  readonly #connections = new Map<string, { readonly host: string; readonly connection: Connection }>();

  constructor(hosts: readonly string[], storage: 'shared' | 'own') {
    this.hosts = hosts;
    this.datacenter = new FakeDatacenter({ clock: systemClock, storage });
    for (const host of hosts) this.datacenter.addHost(host);
    this.images.add(imageId, { name: 'debian' });
    for (const id of volumeIds) this.volumes.add(id);
  }

  connect(host: string, name: string, onGuestEvent: (event: GuestEvent) => void): void {
    const connection = this.datacenter.host(host).connect({ latencyMs: 0, onGuestEvent });
    this.#connections.set(name, { host, connection });
  }

  /** A step of a connection, or a provider's method. */
  async call(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const [name = '', ...rest] = path;
    const owner: unknown = this.#connections.get(name)?.connection ?? Reflect.get(this, name);
    return await call(owner, rest, args);
  }

  /** What the manager of a host had connected is gone with it. */
  cutConnections(hosts: readonly string[]): void {
    for (const [name, { host, connection }] of this.#connections) {
      if (!hosts.includes(host)) continue;
      connection.cut();
      this.#connections.delete(name);
    }
  }

  [Symbol.dispose](): void {
    this.cutConnections(this.hosts);
    this.datacenter[Symbol.dispose]();
  }
}

function call(owner: unknown, [name = '', ...rest]: readonly string[], args: readonly unknown[]): unknown {
  const member: unknown = Reflect.get(owner as object, name);
  if (rest.length > 0) return call(member, rest, args);
  return (member as (...args: readonly unknown[]) => unknown).apply(owner, [...args]);
}
