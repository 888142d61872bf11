import type { Clock } from '@virtkit/core/driver';
import type { FakeHost } from './fake-host.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';

/** What the host has counted since it was switched on. */
export interface HostClock {
  readonly uptimeMs: number;
  readonly kernelMs: number;
  readonly userMs: number;
  readonly idleMs: number;
  readonly iowaitMs: number;
  readonly frequencyMhz: number;
}

/** The shares of its time that a simulated CPU spends in each way; for the rest it idles. */
const busyShares = { kernelMs: 0.02, userMs: 0.2, iowaitMs: 0.01 };

/** The host itself: on or off, since when, and what its CPUs have done. */
export class HostPower {
  readonly #host: FakeHost;
  readonly #clock: Clock;
  readonly #dropConnections: () => void;
  #onSinceMs: number;

  constructor(host: FakeHost, clock: Clock, dropConnections: () => void) {
    this.#host = host;
    this.#clock = clock;
    this.#dropConnections = dropConnections;
    this.#onSinceMs = clock.monotonicMs();
  }

  /** @throws FakeHypervisorError `unreachable` */
  mustBeOn(): void {
    if (this.#host.power === 'on') return;
    const { hypervisorHostname } = this.#host.size;
    throw new FakeHypervisorError(
      'unreachable',
      `unable to connect to server at '${hypervisorHostname}': No route to host`,
    );
  }

  /** Guests and host ends are gone from one moment to the next; what is on disks stays. Off already: nothing to do. */
  switchOff(): void {
    if (this.#host.power === 'off') return;
    this.#host.power = 'off';
    this.#dropConnections();
    this.#host.guests.loseAllMemory();
  }

  /** On already: nothing to do. */
  switchOn(): void {
    if (this.#host.power === 'on') return;
    this.#host.power = 'on';
    this.#onSinceMs = this.#clock.monotonicMs();
  }

  read(): HostClock {
    const uptimeMs = Math.floor(this.#clock.monotonicMs() - this.#onSinceMs);
    const cpuMs = uptimeMs * this.#host.size.vcpus;
    const kernelMs = Math.floor(cpuMs * busyShares.kernelMs);
    const userMs = Math.floor(cpuMs * busyShares.userMs);
    const iowaitMs = Math.floor(cpuMs * busyShares.iowaitMs);
    return { uptimeMs, kernelMs, userMs, iowaitMs, idleMs: cpuMs - kernelMs - userMs - iowaitMs, frequencyMhz: 2_400 };
  }
}
