import type { CallOptions, Clock, HostResources, InstanceSpec } from '@virtkit/core/driver';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { EventFault, Fault } from '../faults/fault.js';
import type { Journal } from '../faults/journal.js';
import type { HypervisorStep } from '../faults/operation.js';
import { forEver, underFault } from '../faults/under-fault.js';
import type { FakeHost } from './fake-host.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { GuestEvent } from './guest-event.js';
import type { FakeDisk, GuestMaker, GuestView } from './guest-view.js';

/** What a hypervisor gives to a connection it makes. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly host: FakeHost;
  /** How long every answer takes. */
  readonly latencyMs: number;
  readonly onGuestEvent: (event: GuestEvent) => void;
  readonly register: (connection: FakeConnection) => void;
  readonly unregister: (connection: FakeConnection) => void;
  readonly askToStop: (uuid: string) => void;
  readonly withEvents: <T>(fault: EventFault, work: () => T) => T;
}

export interface StartOptions extends CallOptions {
  readonly cpus: 'running' | 'paused';
}

/**
 * A driver's line to the hypervisor. Each method is one step: one entry in the journal, one place where a fault can strike,
 * one round trip. It rejects with a FakeHypervisorError, with the reason of its signal, or with what a fault throws.
 */
export class FakeConnection {
  readonly #parts: ConnectionParts;
  /** `cut`: the process at this end is dead; nothing it sends arrives, and nothing it awaits comes. */
  #state: 'new' | 'open' | 'closed' | 'cut' = 'new';

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Afterwards guest events arrive. */
  async open(options: CallOptions = {}): Promise<void> {
    await this.#step('connect', undefined, options, () => {
      this.#state = 'open';
      this.#parts.register(this);
    });
  }

  /** Idempotent. Steps under way end as they would have; no event comes any more. */
  close(): void {
    if (this.#state !== 'cut') this.#state = 'closed';
    this.#parts.unregister(this);
  }

  /** What is left of a connection whose process has died. */
  cut(): void {
    this.#state = 'cut';
    this.#parts.unregister(this);
  }

  get isCut(): boolean {
    return this.#state === 'cut';
  }

  /** For the hypervisor. */
  deliver(event: GuestEvent): void {
    this.#parts.onGuestEvent(event);
  }

  readState(uuid: string, options: CallOptions = {}): Promise<GuestView> {
    return this.#step('readState', uuid, options, () => this.#parts.host.view(uuid));
  }

  listGuests(maker: GuestMaker, options: CallOptions = {}): Promise<readonly string[]> {
    return this.#step('listGuests', undefined, options, () => [...this.#parts.host.uuids(maker)]);
  }

  readConsole(uuid: string, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#step('readConsole', uuid, options, () => this.#parts.host.guest(uuid).console);
  }

  readResources(options: CallOptions = {}): Promise<HostResources> {
    return this.#step('readResources', undefined, options, () => this.#parts.host.resources);
  }

  createDisk(uuid: string, disk: FakeDisk, options: CallOptions = {}): Promise<void> {
    return this.#step('createDisk', uuid, options, () => this.#parts.host.createDisk(uuid, disk));
  }

  removeDisk(uuid: string, diskId: string, options: CallOptions = {}): Promise<void> {
    return this.#step('removeDisk', uuid, options, () => this.#parts.host.removeDisk(uuid, diskId));
  }

  plugVif(uuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#step('plugVif', uuid, options, () => this.#parts.host.plugVif(uuid, interfaceId));
  }

  unplugVif(uuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#step('unplugVif', uuid, options, () => this.#parts.host.unplugVif(uuid, interfaceId));
  }

  define(spec: InstanceSpec, options: CallOptions = {}): Promise<void> {
    return this.#step('define', spec.uuid, options, () => this.#parts.host.define(spec, 'virtkit'));
  }

  undefine(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('undefine', uuid, options, () => this.#parts.host.undefine(uuid));
  }

  start(uuid: string, options: StartOptions): Promise<void> {
    return this.#step('start', uuid, options, () => this.#parts.host.start(uuid, options.cpus));
  }

  stop(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('stop', uuid, options, () => this.#parts.host.stop(uuid));
  }

  /** The guest is asked; it may take its time, or not listen. */
  askToStop(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('askToStop', uuid, options, () => this.#parts.askToStop(uuid));
  }

  pauseCpus(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('pauseCpus', uuid, options, () => this.#parts.host.pauseCpus(uuid));
  }

  resumeCpus(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('resumeCpus', uuid, options, () => this.#parts.host.resumeCpus(uuid));
  }

  saveMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('saveMemory', uuid, options, () => this.#parts.host.saveMemory(uuid));
  }

  /** Its CPUs are paused afterwards; the saved memory is dropped when they run. */
  restoreMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('restoreMemory', uuid, options, () => this.#parts.host.restoreMemory(uuid));
  }

  dropSavedMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#step('dropSavedMemory', uuid, options, () => this.#parts.host.dropSavedMemory(uuid));
  }

  async #step<T>(
    step: HypervisorStep,
    uuid: string | undefined,
    options: CallOptions,
    effect: () => T,
  ): Promise<Awaited<T>> {
    const { clock, faults, journal, latencyMs } = this.#parts;
    if (this.#state === 'cut') return forEver();
    options.signal?.throwIfAborted();
    const entry = journal.begin(step, uuid);
    const fault = faults.strike(step, uuid);
    try {
      if (latencyMs > 0) await clock.sleep(latencyMs, options);
      const work = (): T => this.#reach(step, effect);
      const answer = await (fault === undefined ? work() : this.#underFault(fault, step, uuid, options, work));
      if ((this.#state as string) === 'cut') return await forEver();
      entry.outcome = 'done';
      return answer;
    } catch (failure) {
      if ((this.#state as string) === 'cut') return await forEver();
      entry.outcome = 'failed';
      throw failure;
    }
  }

  /** The moment at which the request gets to the hypervisor, or does not. */
  #reach<T>(step: HypervisorStep, effect: () => T): T {
    if (this.#state === 'open' || step === 'connect') return effect();
    throw new FakeHypervisorError('unreachable', `Failed to connect socket to '/run/fake/hypervisor-sock'`);
  }

  #underFault<T>(
    fault: Fault,
    step: HypervisorStep,
    uuid: string | undefined,
    { signal }: CallOptions,
    work: () => T,
  ): Promise<Awaited<T>> {
    return underFault(
      fault,
      {
        clock: this.#parts.clock,
        signal,
        answerLost: () => new FakeHypervisorError('answer-lost', `End of file while reading the answer to ${step}`),
        cutConnection: () => this.cut(),
        crashGuest: () => {
          if (uuid !== undefined) this.#parts.host.crash(uuid);
        },
        withEvents: this.#parts.withEvents,
      },
      work,
    );
  }
}
