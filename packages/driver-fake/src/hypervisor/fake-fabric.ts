import type { FakeHost } from './fake-host.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import { FakeStorage } from './fake-storage.js';

export interface FabricOptions {
  /** Whether the hosts have one storage, or each its own. Default `'own'`. */
  readonly storage?: 'shared' | 'own';
  /** How fast guests and disks move between hosts. Default `Infinity`: a copy takes no time. */
  readonly bandwidthMibPerS?: number;
}

/** What joins simulated hosts: names by which they reach each other, links, storage, and one count of all boots. */
export class FakeFabric {
  readonly storage: 'shared' | 'own';
  readonly bandwidthMibPerS: number;
  /** The highest life that any guest has had: no two boots have the same number, on whichever host. */
  readonly lives = { last: 0 };
  readonly #sharedStorage: FakeStorage | undefined;
  readonly #hosts = new Map<string, FakeHost>();
  readonly #cutLinks = new Set<string>();

  constructor({ storage = 'own', bandwidthMibPerS = Infinity }: FabricOptions = {}) {
    if (!(bandwidthMibPerS > 0)) {
      throw new RangeError(`bandwidthMibPerS is ${bandwidthMibPerS}; accepted: a number greater than 0.`);
    }
    this.storage = storage;
    this.bandwidthMibPerS = bandwidthMibPerS;
    this.#sharedStorage = storage === 'shared' ? new FakeStorage() : undefined;
  }

  /** For a host that is about to join. */
  storageForHost(): FakeStorage {
    return this.#sharedStorage ?? new FakeStorage();
  }

  join(host: FakeHost): void {
    const { hypervisorHostname } = host.size;
    if (this.#hosts.has(hypervisorHostname)) {
      throw new TypeError(
        `hypervisorHostname is '${hypervisorHostname}', as that of another host; accepted: a new one.`,
      );
    }
    this.#hosts.set(hypervisorHostname, host);
  }

  /** The other host, reached over the link. @throws FakeHypervisorError `link-down` */
  reach(from: FakeHost, name: string): FakeHost {
    const to = this.#hosts.get(name);
    const here = from.size.hypervisorHostname;
    if (to === undefined || to.power === 'off' || this.#cutLinks.has(linkName(here, name))) {
      throw new FakeHypervisorError('link-down', `unable to connect to server at '${name}:16514' from ${here}`);
    }
    return to;
  }

  cutLink(one: string, other: string): void {
    this.#cutLinks.add(linkName(one, other));
  }

  mendLink(one: string, other: string): void {
    this.#cutLinks.delete(linkName(one, other));
  }

  /** How long a copy takes. */
  copyMs(sizeMib: number): number {
    return Math.ceil((sizeMib / this.bandwidthMibPerS) * 1_000);
  }
}

function linkName(one: string, other: string): string {
  return [one, other].sort().join(' ');
}
