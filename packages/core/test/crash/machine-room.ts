import { systemClock } from '@virtkit/core';
import { FakeDatacenter, type FakeHypervisor } from '@virtkit/driver-fake';
import { memoryProviders, type MemoryProviders } from '../support/memory-providers.js';
import { callPath } from './call-path.js';
import type { ProviderState } from './provider-process.js';

type Connection = ReturnType<FakeHypervisor['connect']>;
type GuestEvent = Parameters<Parameters<FakeHypervisor['connect']>[0]['onGuestEvent']>[0];

/**
 * What outlives every process of a manager: the hypervisor, and the providers of images, networks and volumes. When these are in one more
 * process, they stand here as they were after their last call.
 */
export class MachineRoom implements Disposable, MemoryProviders {
  readonly datacenter: FakeDatacenter;
  readonly hosts: readonly string[];
  readonly #providers = memoryProviders(systemClock);
  readonly providerFaults = this.#providers.providerFaults;
  readonly images = this.#providers.images;
  readonly networks = this.#providers.networks;
  readonly volumes = this.#providers.volumes;
  readonly #connections = new Map<string, { readonly host: string; readonly connection: Connection }>();

  constructor(hosts: readonly string[], storage: 'shared' | 'own') {
    this.hosts = hosts;
    this.datacenter = new FakeDatacenter({ clock: systemClock, storage });
    for (const host of hosts) this.datacenter.addHost(host);
  }

  /** The providers of another process are so now. */
  mirror({ images, networks, volumes }: ProviderState): void {
    this.images.become(images);
    this.networks.become(networks);
    this.volumes.become(volumes);
  }

  connect(host: string, name: string, onGuestEvent: (event: GuestEvent) => void): void {
    const connection = this.datacenter.host(host).connect({ latencyMs: 0, onGuestEvent });
    this.#connections.set(name, { host, connection });
  }

  /** A step of a connection, or a provider's method. */
  async call(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const [name = '', ...rest] = path;
    const owner: unknown = this.#connections.get(name)?.connection ?? Reflect.get(this, name);
    return await callPath(owner, rest, args);
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
