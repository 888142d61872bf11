import type { Clock } from '@virtkit/core/driver';
import type { FakeFabric } from './fake-fabric.js';
import type { FakeHost } from './fake-host.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { SimulatedGuest } from './simulated-guest.js';

/** How often a live migration looks whether it may go on, and by how much it has come nearer. */
const TICK_MS = 100;

export interface MigrationView {
  /** `moved`: the guest is at the destination. `failed` and `aborted`: it goes on at the source. */
  readonly state: 'running' | 'moved' | 'failed' | 'aborted';
  readonly remainingMib: number;
  readonly totalMib: number;
  /** Why it failed, in the words of the host. */
  readonly problem: string | undefined;
}

export interface MigrationParts {
  readonly clock: Clock;
  readonly fabric: FakeFabric;
  readonly source: FakeHost;
  readonly destination: string;
  readonly uuid: string;
  readonly disks: 'shared' | 'copied';
}

/**
 * A live migration, as the hypervisor does it on its own, whatever becomes of the driver that asked for it. It copies what the
 * guest has and goes on writing, until so little is left that the guest can be switched over. The switch is one moment:
 * before it the guest is at the source, after it at the destination, and never at both.
 */
export class MigrationJob {
  readonly #parts: MigrationParts;
  readonly #guest: SimulatedGuest;
  readonly #totalMib: number;
  #remainingMib: number;
  #state: MigrationView['state'] = 'running';
  #problem: string | undefined;
  #cancelTick: () => void = () => {};
  /** Whether the guest's CPUs were stopped so that it ends. */
  #forced: 'no' | 'yes' = 'no';

  constructor(parts: MigrationParts) {
    const { source, uuid, disks } = parts;
    this.#parts = parts;
    this.#guest = source.guest(uuid);
    const disksMib =
      disks === 'copied' ? source.disks.of(uuid).reduce((sum, { sizeGib }) => sum + sizeGib * 1024, 0) : 0;
    this.#totalMib = (this.#guest.running?.flavor.memoryMib ?? 0) + disksMib;
    this.#remainingMib = this.#totalMib;
  }

  /** Begins; with nothing that takes time, it has ended when this returns. */
  begin(): void {
    this.#tick(0);
  }

  view(): MigrationView {
    return {
      state: this.#state,
      remainingMib: Math.ceil(this.#remainingMib),
      totalMib: this.#totalMib,
      problem: this.#problem,
    };
  }

  /** The guest stays. Ended already: nothing to do. */
  abort(): void {
    this.#end('aborted', 'operation aborted: migration job: canceled by client');
  }

  /** Stops the guest's CPUs, so that nothing new is to be copied. */
  forceComplete(): void {
    if (this.#state !== 'running' || this.#forced === 'yes') return;
    if (this.#guest.state === 'running') {
      this.#parts.source.guests.pauseCpus(this.#parts.uuid);
      this.#forced = 'yes';
    }
    this.#cancelTick();
    this.#tick(0);
  }

  /** Ends the job's own waits, when its simulator ends. */
  dispose(): void {
    this.#cancelTick();
  }

  #tick(elapsedMs: number): void {
    const { clock, fabric } = this.#parts;
    try {
      this.#mustGoOn();
      const dirtyMibPerS = this.#guest.state === 'running' ? this.#guest.dirtyMibPerS : 0;
      const gainMibPerS = dirtyMibPerS >= fabric.bandwidthMibPerS ? 0 : fabric.bandwidthMibPerS - dirtyMibPerS;
      if (gainMibPerS === Infinity) this.#remainingMib = 0;
      this.#remainingMib = Math.max(0, this.#remainingMib - (gainMibPerS * elapsedMs) / 1_000 || 0);
      if (gainMibPerS > 0 && this.#remainingMib === 0) return this.#switchOver();
      const leftMs = gainMibPerS === 0 ? TICK_MS : Math.ceil((this.#remainingMib / gainMibPerS) * 1_000);
      const waitMs = Math.min(TICK_MS, Math.max(1, leftMs));
      this.#cancelTick = clock.after(waitMs, () => this.#tick(waitMs));
    } catch (failure) {
      this.#end('failed', failure instanceof Error ? failure.message : String(failure));
    }
  }

  /** @throws FakeHypervisorError when the guest or the destination is not there any more */
  #mustGoOn(): FakeHost {
    const { fabric, source, destination, uuid } = this.#parts;
    const present = source.view(uuid).guest;
    const same = present?.life === this.#guest.life && ['running', 'paused'].includes(present.state);
    if (!same || source.power === 'off') {
      throw new FakeHypervisorError('refused', `operation failed: domain ${uuid} is not running`);
    }
    const to = fabric.reach(source, destination);
    to.guests.checkArrival(uuid, this.#guest);
    return to;
  }

  #switchOver(): void {
    const { source, uuid, disks } = this.#parts;
    const to = this.#mustGoOn();
    if (disks === 'copied') to.disks.replaceAll(uuid, source.disks.of(uuid));
    source.guests.leave(uuid);
    to.guests.arrive(uuid, this.#guest, this.#forced === 'yes' ? 'run again' : 'as they are');
    this.#state = 'moved';
  }

  #end(state: 'failed' | 'aborted', problem: string): void {
    if (this.#state !== 'running') return;
    this.#cancelTick();
    this.#state = state;
    this.#problem = problem;
    const { source, uuid } = this.#parts;
    if (this.#forced === 'yes' && source.view(uuid).guest?.state === 'paused') source.guests.resumeCpus(uuid);
  }
}
