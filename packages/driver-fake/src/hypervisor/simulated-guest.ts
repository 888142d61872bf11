import type { InstanceSpec } from '@virtkit/core/driver';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import { GuestAgent } from './guest-agent.js';
import { stateAfter, type GuestState, type GuestTransitionName } from './guest-transitions.js';
import type { GuestDoings } from './guest-doings.js';
import type { BootSource, DefinedGuest, GuestMaker } from './guest-view.js';

/** How long a guest takes to stop when it is asked to; `'never'`: it does not listen. */
export type ShutdownManner = number | 'never';

/** The console log of one life is kept up to here; what is older is lost, as on a host that rotates its logs. */
const CONSOLE_BYTES_MAX = 256 * 1024;

/** One guest: its state machine, what it was made from, and what it has written. Small, so that 10,000 are no matter. */
export class SimulatedGuest {
  readonly maker: GuestMaker;
  definition: InstanceSpec;
  /** What its next start boots from. */
  bootsFrom: BootSource = 'own-disk';
  shutdownManner: ShutdownManner | undefined;
  /** How fast it writes to its memory while it runs. */
  dirtyMibPerS = 0;
  /** On the monotonic clock. */
  bootedAtMs = 0;
  #agent: GuestAgent | undefined;
  /** What few guests have; made when it is first asked for. */
  #doings: GuestDoings | undefined;
  #state: GuestState = 'shut-off';
  #running: InstanceSpec | undefined;
  #runsFrom: BootSource = 'own-disk';
  #life = 0;
  /** What it has written beside the line of its boot. */
  #written: Buffer | undefined;

  constructor(maker: GuestMaker, definition: InstanceSpec) {
    this.maker = maker;
    this.definition = definition;
  }

  get state(): GuestState {
    return this.#state;
  }

  get running(): InstanceSpec | undefined {
    return this.#running;
  }

  get life(): number {
    return this.#life;
  }

  get runsFrom(): BootSource {
    return this.#running === undefined ? this.bootsFrom : this.#runsFrom;
  }

  get agent(): GuestAgent {
    this.#agent ??= new GuestAgent();
    return this.#agent;
  }

  /** The copy of a disk that is under way. */
  get mirror(): GuestDoings['mirror'] {
    return this.#doings?.mirror;
  }

  get doings(): GuestDoings {
    this.#doings ??= { counters: new Map() };
    return this.#doings;
  }

  /** The devices of a running guest have changed. */
  changeRunning(running: InstanceSpec): void {
    if (this.#running === undefined) {
      throw new FakeHypervisorError('invalid-state', `domain '${this.definition.name}' is not running`);
    }
    this.#running = running;
  }

  /** Goes to the next state. @throws FakeHypervisorError `invalid-state` */
  go(name: GuestTransitionName): void {
    this.#state = stateAfter(name, this.#state, this.definition.name);
    if (this.#state === 'shut-off') {
      this.#running = undefined;
      if (this.#doings !== undefined) this.#doings = { ...this.#doings, counters: new Map(), mirror: undefined };
    } else if (this.#running === undefined) {
      this.#running = this.definition;
      this.#runsFrom = this.bootsFrom;
    }
  }

  /** A new life: the CPUs start from reset, and the console log begins anew. */
  boot(name: 'start' | 'startPaused', life: number): void {
    this.go(name);
    this.#life = life;
    this.#agent?.boot();
    this.#written = undefined;
  }

  learnNetwork(interfaceIds: readonly string[]): void {
    if (this.#state !== 'running') {
      throw new FakeHypervisorError('invalid-state', `domain '${this.definition.name}' is ${this.#state}`);
    }
    this.doings.networkSetUp = interfaceIds;
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== 'running') {
      throw new FakeHypervisorError('invalid-state', `domain '${this.definition.name}' is ${this.#state}`);
    }
    this.#written = Buffer.concat([this.#written ?? Buffer.alloc(0), bytes]).subarray(-CONSOLE_BYTES_MAX);
  }

  /** The console log. The line of the boot is made here, so that a guest nobody looks at holds no text. */
  get console(): Buffer {
    if (this.#life === 0) return Buffer.alloc(0);
    const bootLine = Buffer.from(`Booting ${this.definition.name}, life ${this.#life}\n`);
    return this.#written === undefined ? bootLine : Buffer.concat([bootLine, this.#written]);
  }

  view(): DefinedGuest {
    return {
      name: this.definition.name,
      maker: this.maker,
      state: this.#state,
      definition: this.definition,
      running: this.#running,
      bootsFrom: this.runsFrom,
      life: this.#life,
    };
  }
}
