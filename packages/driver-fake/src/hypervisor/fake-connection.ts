import type { CallOptions, HostResources, InstanceSpec } from '@virtkit/core/driver';
import type { FakeHost } from './fake-host.js';
import type { GuestEvent } from './guest-event.js';
import type { DeviceKind } from './guest-device.js';
import type { ConnectionLeader } from './leader-epochs.js';
import type { BootSource, GuestMaker, GuestView } from './guest-view.js';
import { StepRunner, type StepRunnerParts } from './step-runner.js';
import { DeviceSteps } from './steps/device-steps.js';
import { DiskSteps } from './steps/disk-steps.js';
import { ImageSteps } from './steps/image-steps.js';
import { ShareSteps } from './steps/share-steps.js';
import { VifSteps } from './steps/vif-steps.js';
import { AgentSteps } from './steps/agent-steps.js';
import { HostSteps } from './steps/host-steps.js';
import { MigrationSteps } from './steps/migration-steps.js';
import { MoveSteps } from './steps/move-steps.js';
import type { HostPower } from './host-power.js';

/** What a hypervisor gives to a connection it makes. */
export interface ConnectionParts extends Omit<StepRunnerParts, 'onCut' | 'crashGuest' | 'leaders'> {
  readonly host: FakeHost;
  readonly hostPower: HostPower;
  readonly onGuestEvent: (event: GuestEvent) => void;
  /** The hypervisor has dropped an open connection. It can be opened again. */
  readonly onDropped?: () => void;
  readonly register: (connection: FakeConnection) => void;
  readonly unregister: (connection: FakeConnection) => void;
  readonly askToStop: (uuid: string) => void;
  readonly askToDetach: (uuid: string, kind: DeviceKind, deviceId: string) => void;
}

export interface OpenOptions extends CallOptions {
  /** Left out: changes are under nobody's lease, and none is refused for it. */
  readonly leader?: ConnectionLeader;
}

export interface StartOptions extends CallOptions {
  readonly cpus: 'running' | 'paused';
}

/**
 * A driver's line to the hypervisor. Each method is one step, as {@link StepRunner} says. Those about a guest's life are
 * here, the others in the group of what they are about.
 */
export class FakeConnection {
  readonly disks: DiskSteps;
  readonly vifs: VifSteps;
  readonly devices: DeviceSteps;
  readonly images: ImageSteps;
  readonly shares: ShareSteps;
  readonly moves: MoveSteps;
  readonly migrations: MigrationSteps;
  readonly agents: AgentSteps;
  readonly machine: HostSteps;
  readonly #parts: ConnectionParts;
  readonly #host: FakeHost;
  readonly #steps: StepRunner;

  constructor(parts: ConnectionParts) {
    const { host, askToDetach } = parts;
    this.#parts = parts;
    this.#host = host;
    this.#steps = new StepRunner({
      ...parts,
      leaders: host.leaders,
      crashGuest: (uuid) => host.guests.crash(uuid),
      onCut: () => this.cut(),
    });
    this.disks = new DiskSteps(this.#steps, host.disks);
    this.vifs = new VifSteps(this.#steps, host.vifs);
    this.devices = new DeviceSteps(this.#steps, { devices: host.devices, volumes: host.volumes, askToDetach });
    this.images = new ImageSteps(this.#steps, host.images);
    this.shares = new ShareSteps(this.#steps, host.shares);
    this.moves = new MoveSteps(this.#steps, host, parts.clock);
    this.migrations = new MigrationSteps(this.#steps, host);
    this.agents = new AgentSteps(this.#steps, host, parts.clock);
    this.machine = new HostSteps(this.#steps, host, parts.hostPower);
  }

  /** Afterwards guest events arrive, and changes are refused once a later manager of the same host has connected. */
  async open({ leader, ...options }: OpenOptions = {}): Promise<void> {
    await this.#steps.run('connect', undefined, options, () => {
      this.#parts.hostPower.mustBeOn();
      this.#steps.turn('open');
      if (leader) this.#steps.leadBy(leader);
      this.#parts.register(this);
    });
  }

  /** Idempotent. Steps under way end as they would have; no event comes any more. */
  close(): void {
    this.#steps.turn('closed');
    this.#parts.unregister(this);
  }

  /** The hypervisor hangs up. Steps under way end as they would have; `open` connects anew. */
  drop(): void {
    this.close();
    this.#parts.onDropped?.();
  }

  /** What is left of a connection whose process has died. */
  cut(): void {
    this.#steps.turn('cut');
    this.#parts.unregister(this);
  }

  get isCut(): boolean {
    return this.#steps.isCut();
  }

  /** For the hypervisor. */
  deliver(event: GuestEvent): void {
    this.#parts.onGuestEvent(event);
  }

  readState(uuid: string, options: CallOptions = {}): Promise<GuestView> {
    return this.#steps.run('readState', uuid, options, () => this.#host.view(uuid));
  }

  listGuests(maker: GuestMaker, options: CallOptions = {}): Promise<readonly string[]> {
    return this.#steps.run('listGuests', undefined, options, () => [...this.#host.uuids(maker)]);
  }

  readConsole(uuid: string, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#steps.run('readConsole', uuid, options, () => this.#host.guest(uuid).console);
  }

  /** A running guest learns which interfaces it has. */
  writeNetwork(uuid: string, interfaceIds: readonly string[], options: CallOptions = {}): Promise<void> {
    return this.#steps.run('writeNetwork', uuid, options, () => {
      this.#host.guest(uuid).learnNetwork(interfaceIds);
    });
  }

  /** What the host is called, for those who offer it volumes. */
  readHostName(options: CallOptions = {}): Promise<string> {
    return this.#steps.run('readHostName', undefined, options, () => this.#host.size.hypervisorHostname);
  }

  readResources(options: CallOptions = {}): Promise<HostResources> {
    return this.#steps.run('readResources', undefined, options, () => this.#host.resources);
  }

  define(spec: InstanceSpec, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('define', spec.uuid, options, () => this.#host.guests.define(spec, 'virtkit'));
  }

  /** What the next start of the guest boots from. */
  bootFrom(uuid: string, source: BootSource, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('bootFrom', uuid, options, () => this.#host.guests.bootFrom(uuid, source));
  }

  undefine(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('undefine', uuid, options, () => this.#host.guests.undefine(uuid));
  }

  start(uuid: string, options: StartOptions): Promise<void> {
    return this.#steps.run('start', uuid, options, () => this.#host.guests.start(uuid, options.cpus));
  }

  stop(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('stop', uuid, options, () => this.#host.guests.stop(uuid));
  }

  /** The guest is asked; it may take its time, or not listen. */
  askToStop(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('askToStop', uuid, options, () => this.#parts.askToStop(uuid));
  }

  pauseCpus(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('pauseCpus', uuid, options, () => this.#host.guests.pauseCpus(uuid));
  }

  resumeCpus(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('resumeCpus', uuid, options, () => this.#host.guests.resumeCpus(uuid));
  }

  saveMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('saveMemory', uuid, options, () => this.#host.guests.saveMemory(uuid));
  }

  /** Its CPUs are paused afterwards; the saved memory is dropped when they run. */
  restoreMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('restoreMemory', uuid, options, () => this.#host.guests.restoreMemory(uuid));
  }

  dropSavedMemory(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('dropSavedMemory', uuid, options, () => this.#host.guests.dropSavedMemory(uuid));
  }
}
