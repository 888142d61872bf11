import type { Clock } from '@virtkit/core/driver';
import { FakeFabric, type FabricOptions } from './fake-fabric.js';
import { FakeHypervisor, type FakeHypervisorOptions } from './fake-hypervisor.js';

export interface FakeDatacenterOptions extends FabricOptions {
  /** Every delay of every host passes on it. */
  readonly clock: Clock;
}

/**
 * Simulated hosts that reach each other, so that guests can move between them.
 *
 *     const datacenter = new FakeDatacenter({ clock, storage: 'shared', bandwidthMibPerS: 1_000 });
 *     const alpha = datacenter.addHost('alpha');
 *     const beta = datacenter.addHost('beta');
 *
 * Each host has a fault plan and a journal of its own. Its name is what `MoveDestination.host` and
 * `LiveMigrationTerms.sourceHost` must say, so the environment of its driver names it the same.
 */
export class FakeDatacenter implements Disposable {
  readonly #clock: Clock;
  readonly #fabric: FakeFabric;
  readonly #hosts = new Map<string, FakeHypervisor>();

  constructor({ clock, ...options }: FakeDatacenterOptions) {
    this.#clock = clock;
    this.#fabric = new FakeFabric(options);
  }

  /** A new host. @throws TypeError when there is one of that name */
  addHost(name: string, options: Omit<FakeHypervisorOptions, 'clock' | 'fabric' | 'hypervisorHostname'> = {}) {
    const host = new FakeHypervisor({
      ...options,
      clock: this.#clock,
      fabric: this.#fabric,
      hypervisorHostname: name,
    });
    this.#hosts.set(name, host);
    return host;
  }

  /** A host by its name. @throws TypeError when there is none */
  host(name: string): FakeHypervisor {
    const host = this.#hosts.get(name);
    if (host !== undefined) return host;
    throw new TypeError(`name is '${name}'; accepted: ${[...this.#hosts.keys()].join(', ')}.`);
  }

  /** The two hosts do not reach each other any more: copies and live migrations between them fail. Drivers reach their own. */
  cutLink(one: string, other: string): void {
    this.#fabric.cutLink(this.host(one).name, this.host(other).name);
  }

  mendLink(one: string, other: string): void {
    this.#fabric.mendLink(this.host(one).name, this.host(other).name);
  }

  /** On which hosts a guest has its CPUs: never more than one. */
  hostsRunning(uuid: string): readonly string[] {
    return [...this.#hosts]
      .filter(([, host]) => ['running', 'paused'].includes(host.look(uuid).guest?.state ?? ''))
      .map(([name]) => name);
  }

  /** Ends the waits of every host. Idempotent. */
  [Symbol.dispose](): void {
    for (const host of this.#hosts.values()) host[Symbol.dispose]();
  }
}
