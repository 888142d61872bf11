import {
  ComputeError,
  type CallOptions,
  type ComputeDriver,
  type ConsoleOutputAbility,
  type ConsoleOutputOptions,
  type DestroyOptions,
  type DriverEnvironment,
  type GuestInfo,
  type GuestInspection,
  type HostResources,
  type HostResourcesAbility,
  type InstanceSpec,
  type PauseAbility,
  type PowerAbility,
  type PowerOffOptions,
  type PowerState,
  type RebootAbility,
  type RebootType,
  type SpawnOptions,
  type SuspendAbility,
} from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { FakeHypervisor } from '../hypervisor/fake-hypervisor.js';
import { CallRunner } from './call-runner.js';
import { changing } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { fakeCapabilities } from './fake-capabilities.js';
import type { FakeConfiguration } from './fake-configuration.js';
import { fakeSettings } from './fake-settings.js';
import { checkFlavor } from './flavor-check.js';
import { createDisks, defineGuest, restoreGuest, startGuest } from './guest-launch.js';
import { askGuestToStop, removeGuest, stopGuest } from './guest-stop.js';
import { isPresent, readManaged, type PresentGuest } from './managed-view.js';
import { powerStateOf } from './power-state-of.js';
import { unplugVifs } from './vif-plugging.js';

/** The configuration of a driver that is made by hand: the hypervisor must be named. */
export interface FakeDriverConfiguration extends FakeConfiguration {
  readonly hypervisor: FakeHypervisor;
}

/** Nova's limit for console output. */
const CONSOLE_BYTES_DEFAULT = 102_400;

/**
 * Drives a {@link FakeHypervisor} as a real driver drives a real one: in small steps that can each fail, with an undo for
 * each, one translation of foreign errors, and no state of its own. What it does is what the contract says of real
 * hypervisors:
 *
 * - **spawn** makes the disk, plugs the vifs, defines the guest, starts it paused, waits for the network, lets it run.
 * - **destroy** stops, unplugs, undefines and removes the disks. It does not wait for a call it overtakes.
 * - **hard reboot** stops whatever is there, drops saved memory, and starts again from the spec; the disks must be there.
 * - **soft reboot** asks the guest, looks until it is off, and starts it. A guest that does not listen is rebooted hard.
 * - **suspend** frees the memory and the vifs. Saved memory outlives a failed resume, a lost answer and the driver.
 * - **power on** of a suspended guest resumes it; **power off** of one leaves it suspended, and removes vifs in any case.
 * - **pause** keeps memory and vifs. A guest that is off can be neither paused nor suspended.
 * - A guest that **crashed** still holds its memory until it is stopped.
 */
export class FakeDriver
  implements
    ComputeDriver,
    PowerAbility,
    PauseAbility,
    SuspendAbility,
    RebootAbility,
    ConsoleOutputAbility,
    HostResourcesAbility
{
  readonly capabilities = fakeCapabilities;
  readonly #connection: FakeConnection;
  readonly #calls: CallRunner;

  constructor(configuration: FakeDriverConfiguration, environment: DriverEnvironment) {
    const { hypervisor } = configuration;
    const settings = fakeSettings(configuration);
    this.#connection = hypervisor.connect({
      latencyMs: settings.latencyMs,
      onGuestEvent: ({ uuid, maker, transition, occurredAtMs }) => {
        if (maker !== 'virtkit') return;
        environment.emit({ type: 'lifecycle', instanceUuid: uuid, transition, occurredAtMs });
      },
    });
    const { faults, journal } = hypervisor;
    this.#calls = new CallRunner({ connection: this.#connection, environment, settings, faults, journal });
  }

  async initHost(options: CallOptions = {}): Promise<void> {
    await this.#calls.initHost(options, (openOptions) => this.#connection.open(openOptions));
  }

  async cleanupHost(): Promise<void> {
    await this.#calls.cleanupHost(() => this.#connection.close());
  }

  async spawn(instance: InstanceSpec, options: SpawnOptions = {}): Promise<void> {
    await this.#calls.change('spawn', instance.uuid, options, async (call) => {
      checkFlavor(instance);
      const { guest, disks } = await this.#connection.readState(instance.uuid, call);
      if (guest !== undefined) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: instance.uuid });
      await createDisks(instance, disks, call);
      await defineGuest(instance, 'absent', call);
      if (options.start !== 'leave-off') await startGuest(instance, call);
    });
  }

  async destroy(instanceUuid: string, options: DestroyOptions = {}): Promise<void> {
    await this.#calls.change('destroy', instanceUuid, { ...options, order: 'overtake' }, async (call) => {
      const view = await readManaged(this.#connection, instanceUuid, call);
      await stopGuest(view, 'drop', call);
      await removeGuest(view, options.disks ?? 'remove', call);
    });
  }

  getInfo(instanceUuid: string, options: CallOptions = {}): Promise<GuestInfo> {
    return this.#calls.read('getInfo', instanceUuid, options, async (readOptions) => ({
      powerState: powerStateOf(await this.#present(instanceUuid, readOptions)),
    }));
  }

  inspect(instanceUuid: string, options: CallOptions = {}): Promise<GuestInspection> {
    return this.#calls.read('inspect', instanceUuid, options, async (readOptions) => {
      const view = await readManaged(this.#connection, instanceUuid, readOptions);
      const { disks, vifs, savedMemory } = view;
      return {
        guest: isPresent(view) ? 'present' : 'absent',
        powerState: powerStateOf(view),
        savedMemory,
        belongings: [
          ...disks.map(({ id }) => `disk ${id}`),
          ...vifs.map((id) => `vif ${id}`),
          ...(savedMemory === 'present' ? ['saved memory'] : []),
        ],
      };
    });
  }

  listInstanceUuids(options: CallOptions = {}): Promise<readonly string[]> {
    return this.#calls.read('listInstanceUuids', undefined, options, (readOptions) =>
      this.#connection.listGuests('virtkit', readOptions),
    );
  }

  async powerOn(instance: InstanceSpec, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('powerOn', instance.uuid, options, async (call) => {
      const view = await this.#mine(call);
      const state = powerStateOf(view);
      if (state === 'RUNNING') return;
      if (state === 'PAUSED') return changing(call, () => this.#connection.resumeCpus(instance.uuid, call));
      if (state === 'SUSPENDED') return restoreGuest(instance, call);
      await this.#startAnew(instance, call);
    });
  }

  async powerOff(instanceUuid: string, options: PowerOffOptions = {}): Promise<void> {
    const { gracePeriodMs = 0, retryIntervalMs = 10_000, signal } = options;
    const order = gracePeriodMs > 0 ? 'in turn' : 'overtake';
    await this.#calls.change('powerOff', instanceUuid, { order, ...(signal && { signal }) }, async (call) => {
      let view = await readManaged(this.#connection, instanceUuid, call);
      if (gracePeriodMs > 0 && view.guest?.state === 'running') {
        await askGuestToStop(call, { gracePeriodMs, retryIntervalMs });
        view = await readManaged(this.#connection, instanceUuid, call);
      }
      await stopGuest(view, 'keep', call);
    });
  }

  async pause(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('pause', instanceUuid, options, async (call) => {
      const state = powerStateOf(await this.#present(instanceUuid, call));
      if (state === 'PAUSED') return;
      mustBe(['RUNNING', 'PAUSED'], state, call);
      await changing(call, () => this.#connection.pauseCpus(instanceUuid, call));
    });
  }

  async unpause(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('unpause', instanceUuid, options, async (call) => {
      const state = powerStateOf(await this.#present(instanceUuid, call));
      if (state === 'RUNNING') return;
      mustBe(['PAUSED', 'RUNNING'], state, call);
      await changing(call, () => this.#connection.resumeCpus(instanceUuid, call));
    });
  }

  async suspend(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('suspend', instanceUuid, options, async (call) => {
      const view = await this.#present(instanceUuid, call);
      const state = powerStateOf(view);
      if (state !== 'SUSPENDED') {
        mustBe(['RUNNING', 'PAUSED', 'SUSPENDED'], state, call);
        call.undo.push('bring the guest back', (undoOptions) => this.#bringBack(view, call, undoOptions));
        await changing(call, () => this.#connection.saveMemory(instanceUuid, call));
      }
      await unplugVifs(view.vifs, call);
    });
  }

  async resume(instance: InstanceSpec, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('resume', instance.uuid, options, async (call) => {
      const state = powerStateOf(await this.#present(instance.uuid, call));
      if (state === 'RUNNING') return;
      mustBe(['SUSPENDED', 'RUNNING'], state, call);
      await restoreGuest(instance, call);
    });
  }

  async reboot(instance: InstanceSpec, type: RebootType, options: CallOptions = {}): Promise<void> {
    await this.#calls.change('reboot', instance.uuid, options, async (call) => {
      const { guest } = await this.#mine(call);
      if (type === 'SOFT' && guest?.state === 'running') {
        const gracePeriodMs = call.settings.softRebootTimeoutMs;
        await askGuestToStop(call, { gracePeriodMs, retryIntervalMs: gracePeriodMs });
      }
      await this.#startAnew(instance, call);
    });
  }

  getConsoleOutput(instanceUuid: string, options: ConsoleOutputOptions = {}): Promise<Uint8Array> {
    return this.#calls.read('getConsoleOutput', instanceUuid, options, async (readOptions) => {
      await this.#present(instanceUuid, readOptions);
      const written = await this.#connection.readConsole(instanceUuid, readOptions);
      const { lengthBytesMax = CONSOLE_BYTES_DEFAULT } = options;
      return written.subarray(Math.max(0, written.length - lengthBytesMax));
    });
  }

  getAvailableResource(options: CallOptions = {}): Promise<HostResources> {
    return this.#calls.read('getAvailableResource', undefined, options, (readOptions) =>
      this.#connection.readResources(readOptions),
    );
  }

  /** The guest, which must be there. @throws ComputeError `INSTANCE_NOT_FOUND` */
  async #present(instanceUuid: string, options: CallOptions): Promise<PresentGuest> {
    const view = await readManaged(this.#connection, instanceUuid, options);
    if (isPresent(view)) return view;
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }

  /** The guest, or what is left of it, for a call that would make it anew: not in a stranger's place. */
  async #mine({ instanceUuid, signal }: DriverCall) {
    const view = await this.#connection.readState(instanceUuid, { signal });
    if (view.guest?.maker !== 'stranger') return view;
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }

  /** From whatever is there to a new life, with the disks that are there. */
  async #startAnew(instance: InstanceSpec, call: DriverCall): Promise<void> {
    const view = await this.#mine(call);
    await stopGuest(view, 'drop', call);
    await defineGuest(instance, isPresent(view) ? 'present' : 'absent', call);
    await startGuest(instance, call);
  }

  /** Undoes a suspend: the guest goes on as it was, unless another call has stopped or removed it since. */
  async #bringBack(before: PresentGuest, call: DriverCall, options: CallOptions): Promise<void> {
    if (call.overtaken === 'yes') return;
    const { uuid, savedMemory } = await this.#connection.readState(before.uuid, options);
    if (savedMemory === 'absent') return;
    for (const id of before.vifs) await this.#connection.plugVif(uuid, id, options);
    await this.#connection.restoreMemory(uuid, options);
    if (before.guest.state === 'running') await this.#connection.resumeCpus(uuid, options);
  }
}

function mustBe(accepted: readonly PowerState[], actual: PowerState, { instanceUuid, operation }: DriverCall): void {
  if (accepted.includes(actual)) return;
  throw new ComputeError('INSTANCE_INVALID_STATE', {
    instanceUuid,
    operation,
    attribute: 'power state',
    actual,
    accepted,
  });
}
