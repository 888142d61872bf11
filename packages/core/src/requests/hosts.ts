import {
  ComputeError,
  type CallOptions,
  type Capability,
  type DriverCapabilities,
  type HonouredProperties,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { requireCapability } from '../guard/require-capability.js';
import type { HostMode } from '../model/host-record.js';
import type { HostCalls } from '../peers/host-calls.js';
import type { HostPeers } from '../peers/host-peers.js';
import { refuseArrival, type HostModeSwitch } from '../records/host-mode.js';
import type { Records } from '../records/records.js';

/** The host of this process. */
export interface OwnHost {
  readonly host: string;
  /** Its answers, once it is put together. */
  readonly calls: () => HostCalls;
  readonly driver: GuestDriver;
  readonly mode: HostModeSwitch;
}

export interface HostsDeps {
  /** Left out in a service without a host. */
  readonly own?: OwnHost | undefined;
  readonly peers: HostPeers;
  readonly records: Records;
}

interface TargetDeps {
  readonly records: Records;
  /** The host itself, where it is in this process. */
  readonly own: OwnHost | undefined;
  /** The host of the process that asks. */
  readonly asker: string | undefined;
}

interface HostFacts {
  readonly mode: HostMode;
  readonly capabilities: DriverCapabilities;
  readonly honoured: HonouredProperties | undefined;
}

/** How the hosts of a fleet are reached, and what a request must know of them before anything is written. */
export class Hosts {
  readonly #deps: HostsDeps;

  constructor(deps: HostsDeps) {
    this.#deps = deps;
  }

  /** The host of this process; `undefined` in a service without one. */
  get ownHost(): string | undefined {
    return this.#deps.own?.host;
  }

  /** A host's answers: this process's own by plain calls, another's through the peers port. */
  of(host: string): HostCalls {
    const { own, peers } = this.#deps;
    return own?.host === host ? own.calls() : peers.host(host);
  }

  /** A host that a request is for. Nothing is read yet. */
  target(host: string): TargetHost {
    const { own, records } = this.#deps;
    const isOwn = own?.host === host;
    return new TargetHost(host, { records, own: isOwn ? own : undefined, asker: own?.host });
  }
}

/** The host that carries a request out: its own driver in this process, or what its record says. The record is read once, when it is needed. */
export class TargetHost {
  readonly host: string;
  readonly isOwn: boolean;
  readonly #deps: TargetDeps;
  #recorded: Promise<HostFacts> | undefined;

  constructor(host: string, deps: TargetDeps) {
    this.host = host;
    this.isOwn = deps.own !== undefined;
    this.#deps = deps;
  }

  /** @throws ComputeError `NOT_SUPPORTED` with the reason, `HOST_UNAVAILABLE` for a host that has never described itself */
  async require(capability: Capability, options?: CallOptions): Promise<void> {
    const { own } = this.#deps;
    requireCapability((own?.driver ?? (await this.#facts(options))).capabilities, capability);
  }

  /** What of flavors and images the host acts on; `undefined`: it does not say. @throws ComputeError `HOST_UNAVAILABLE` */
  async honoured(options?: CallOptions): Promise<HonouredProperties | undefined> {
    return (this.#deps.own?.driver ?? (await this.#facts(options))).honoured;
  }

  /** @throws ComputeError `HOST_DISABLED`, `HOST_UNAVAILABLE` */
  async refuseArrival(operation: string, options?: CallOptions): Promise<void> {
    refuseArrival((this.#deps.own?.mode ?? (await this.#facts(options))).mode, operation);
  }

  /**
   * Refuses what only this host could carry out while no manager looks after it: submitted, it would never end. Reads nothing for this
   * process's own host. @throws ComputeError `HOST_UNAVAILABLE`; the operator facts name the host
   */
  async refuseDead(operation: string, options?: CallOptions): Promise<void> {
    if (this.isOwn) return;
    const seen = await this.#deps.records.store.getSession(this.host, options);
    if (seen?.lease === 'lasting') return;
    const since = seen ? `its lease is over (epoch ${seen.session.epoch})` : 'it never had a manager';
    const { asker } = this.#deps;
    const here = asker === undefined ? '' : ` This manager looks after ${asker}.`;
    throw this.#unavailable(operation, `No manager looks after host ${this.host}: ${since}.${here}`);
  }

  #facts(options?: CallOptions): Promise<HostFacts> {
    this.#recorded ??= this.#readFacts(options);
    return this.#recorded;
  }

  async #readFacts(options?: CallOptions): Promise<HostFacts> {
    const record = await this.#deps.records.store.getHost(this.host, options);
    if (!record?.description) {
      throw this.#unavailable(
        'look at the host of',
        `Host ${this.host} has not described itself: its manager never started.`,
      );
    }
    const { capabilities, honoured } = record.description;
    return { mode: record.mode, capabilities, honoured: honoured ?? undefined };
  }

  #unavailable(operation: string, message: string): ComputeError {
    const operator = { message, host: this.host };
    return new ComputeError('HOST_UNAVAILABLE', { operation }, { effect: 'none', operator });
  }
}
