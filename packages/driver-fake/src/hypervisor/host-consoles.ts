import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { Holdings } from './holding.js';
import type { HostSize } from './host-size.js';

export type ConsoleKind = 'vnc' | 'spice' | 'serial' | 'mks';

export type FakeConsoleEndpoint =
  { readonly socketPath: string } | { readonly address: string; readonly port: number; readonly tlsPort?: number };

/** Where the ports of each kind begin, far enough apart for a thousand guests. Serial ports are unix sockets. */
const firstPorts = { vnc: 5_900, spice: 7_000, mks: 12_000 } as const;
const FIRST_SPICE_TLS_PORT = 8_000;

/** The screens and serial ports of a host's guests: each that runs has a number of its own until it stops. */
export class HostConsoles {
  readonly #size: HostSize;
  readonly #holdings: Holdings;
  readonly #numbers = new Map<string, number>();

  constructor(size: HostSize, holdings: Holdings) {
    this.#size = size;
    this.#holdings = holdings;
  }

  /** @throws FakeHypervisorError `no-guest`, `no-console` */
  endpoint(uuid: string, kind: ConsoleKind): FakeConsoleEndpoint {
    const guest = this.#holdings.guest(uuid);
    if (guest.state !== 'running' && guest.state !== 'paused') {
      throw new FakeHypervisorError('no-console', `domain '${guest.definition.name}' has no ${kind} console now`);
    }
    const number = this.#numberOf(uuid);
    if (kind === 'serial') return { socketPath: `/run/fake/guest-${number}/serial.sock` };
    const address = this.#size.hypervisorHostname;
    const port = firstPorts[kind] + number;
    return kind === 'spice' ? { address, port, tlsPort: FIRST_SPICE_TLS_PORT + number } : { address, port };
  }

  #numberOf(uuid: string): number {
    for (const other of this.#numbers.keys()) if (!this.#isActive(other)) this.#numbers.delete(other);
    const known = this.#numbers.get(uuid);
    if (known !== undefined) return known;
    const taken = new Set(this.#numbers.values());
    let number = 0;
    while (taken.has(number)) number += 1;
    this.#numbers.set(uuid, number);
    return number;
  }

  #isActive(uuid: string): boolean {
    const state = this.#holdings.find(uuid)?.guest?.state;
    return state === 'running' || state === 'paused';
  }
}
