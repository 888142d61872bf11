import {
  ComputeError,
  requireHonoured,
  type CallOptions,
  type ComputeDriver,
  type ConsoleEndpoint,
  type ConsoleOutputAbility,
  type ConsoleOutputRequest,
  type DestroyRequest,
  type DriverCapabilities,
  type DriverEnvironment,
  type GuestInfo,
  type GuestInspection,
  type GuestRequest,
  type HonouredProperties,
  type HostResources,
  type HostResourcesAbility,
  type HostRequest,
  type InspectRequest,
  type InstanceRequest,
  type PauseAbility,
  type PowerAbility,
  type PowerOffRequest,
  type PowerState,
  type RebootAbility,
  type RebootRequest,
  type SpawnRequest,
  type SuspendAbility,
  type VncConsoleAbility,
} from '@virtkit/core/driver';
import { checkInstance } from './check-instance.js';
import { DriverCalls, type RunningCall } from './driver-calls.js';
import { readConsoleLog } from './files/console-log.js';
import { prepareHostDirectories } from './files/host-directories.js';
import { InstanceDirectory } from './files/instance-directory.js';
import { askToStop } from './guest/ask-to-stop.js';
import type { Guest } from './guest/guest.js';
import { inspectGuest } from './guest/inspect-guest.js';
import { liveDevices } from './guest/live-devices.js';
import { honouredProperties } from './honoured-properties.js';
import { Host } from './host/host.js';
import type { LibvirtConfiguration } from './libvirt-configuration.js';
import { createDomainAndNetwork } from './start/create-domain-and-network.js';
import { createInstanceFiles } from './start/create-instance-files.js';
import { guestDefinition } from './start/guest-definition.js';
import { hardReboot } from './start/hard-reboot.js';
import { refuseOtherGeneration } from './start/refuse-other-generation.js';
import { resumeGuest } from './start/resume-guest.js';
import { softReboot } from './start/soft-reboot.js';
import type { StartContext } from './start/start-context.js';
import { inSteps } from './start/steps.js';

/** Nova's limit. */
const CONSOLE_BYTES_DEFAULT = 102_400;
/** Nova's `shutdown_retry_interval`. */
const RETRY_INTERVAL_DEFAULT_MS = 10_000;

type Driver = ComputeDriver &
  PowerAbility &
  PauseAbility &
  SuspendAbility &
  RebootAbility &
  ConsoleOutputAbility &
  VncConsoleAbility &
  HostResourcesAbility;

/**
 * Guests on libvirt. What each method promises, the contract says. Each one is a line of work inside {@link DriverCalls},
 * where foreign errors are translated; the work itself is in `start/`, `guest/`, `host/` and `files/`.
 */
export class LibvirtDriver implements Driver {
  readonly capabilities: DriverCapabilities;
  readonly honoured: HonouredProperties;
  readonly #context: StartContext;
  readonly #calls: DriverCalls;
  readonly #host: Host;

  constructor(configuration: LibvirtConfiguration, environment: DriverEnvironment) {
    this.capabilities = {
      power: true,
      pause: true,
      suspend: true,
      reboot: true,
      consoleOutput: true,
      hostResources: true,
      vncConsole: configuration.vnc === undefined ? { unsupportedBecause: 'the host offers no VNC consoles' } : true,
    };
    this.honoured = honouredProperties(configuration);
    this.#host = new Host(configuration, environment);
    this.#calls = new DriverCalls(environment);
    const directoryOf = (uuid: string) => new InstanceDirectory(configuration.stateDirectory, uuid);
    this.#context = { host: this.#host, configuration, environment, directoryOf };
  }

  initHost(_request: HostRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.read('initialize the host', undefined, options, async (call) => {
      await prepareHostDirectories(this.#context.configuration);
      await this.#host.connect(call);
    });
  }

  async cleanupHost(_request: HostRequest): Promise<void> {
    await this.#host.close();
  }

  spawn({ instance, start = 'power-on' }: SpawnRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.start('spawn', instance, options, async (call) => {
      checkInstance(instance, this.#context.configuration);
      requireHonoured(this.honoured, instance);
      const present = await this.#host.findGuestOrPlace(instance, call);
      if (present !== undefined) {
        refuseOtherGeneration(instance, present.generation);
        const { powerState } = await present.look(call);
        if (start === 'leave-off' || powerState === 'RUNNING') return;
        // Whether its network had been waited for, nobody knows any more: it is started from the beginning.
        await present.poweroff(call);
      }
      const xml = await guestDefinition(this.#context, instance, present, call);
      if (present === undefined) await createInstanceFiles(this.#context, instance, call);
      const power = start === 'power-on' ? 'on' : 'off';
      await createDomainAndNetwork(this.#context, instance, {
        source: { xml },
        power,
        destroyDisksOnFailure: true,
        ...call,
      });
    });
  }

  destroy({ instance, disks = 'remove' }: DestroyRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.overtake('destroy', instance, options, async (call) => {
      const directory = this.#context.directoryOf(instance.uuid);
      const guest = await this.#host.findAnyGuest(instance.uuid, call);
      const found = guest === undefined ? await directory.generation() : guest.generation;
      if (found !== undefined && found !== (instance.generation ?? null)) return;
      await inSteps(async (steps) => {
        steps.taken('destroy the guest', 'cannot be undone');
        await guest?.remove(call);
        await (disks === 'remove' ? directory.remove() : directory.removeAllButDisk());
      });
    });
  }

  getInfo({ instance }: GuestRequest, options: CallOptions = {}): Promise<GuestInfo> {
    return this.#calls.read('get info of', instance.uuid, options, async (call) => {
      const { presence, powerState } = await (await this.#host.getGuest(instance, call)).look(call);
      if (presence === 'absent') throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: instance.uuid });
      return { powerState };
    });
  }

  inspect({ instanceUuid }: InspectRequest, options: CallOptions = {}): Promise<GuestInspection> {
    return this.#calls.read('inspect', instanceUuid, options, async (call) => {
      const guest = await this.#host.findAnyGuest(instanceUuid, call);
      return inspectGuest(guest, this.#context.directoryOf(instanceUuid), call);
    });
  }

  listInstanceUuids(_request: HostRequest, options: CallOptions = {}): Promise<readonly string[]> {
    return this.#calls.read('list instances', undefined, options, (call) => this.#host.listGuestUuids(call));
  }

  powerOn({ instance }: InstanceRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.start('power on', instance, options, async (call) => {
      checkInstance(instance, this.#context.configuration);
      const guest = await this.#host.findGuest(instance, call);
      const powerState = (await guest?.look(call))?.powerState;
      if (guest !== undefined && (powerState === 'RUNNING' || powerState === 'PAUSED' || powerState === 'SUSPENDED')) {
        await this.#resume(guest, call);
      } else {
        await hardReboot(this.#context, instance, call);
      }
    });
  }

  powerOff(request: PowerOffRequest, options: CallOptions = {}): Promise<void> {
    const { instance, gracePeriodMs = 0, retryIntervalMs = RETRY_INTERVAL_DEFAULT_MS } = request;
    const { clock, log } = this.#context.environment;
    const work = async (call: RunningCall) => {
      const guest = await this.#host.findGuest(instance, call);
      if (guest === undefined) return;
      await inSteps(async (steps) => {
        steps.taken('stop the guest', 'cannot be undone');
        if (gracePeriodMs > 0) await askToStop(guest, { gracePeriodMs, retryIntervalMs, clock, log, ...call });
        await guest.poweroff(call);
      });
    };
    return gracePeriodMs > 0
      ? this.#calls.change('power off', instance, options, work)
      : this.#calls.overtake('power off', instance, options, work);
  }

  reboot({ instance, type }: RebootRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.start('reboot', instance, options, async (call) => {
      checkInstance(instance, this.#context.configuration);
      if (type === 'SOFT' && (await softReboot(this.#context, instance, call)) === 'rebooted') return;
      await hardReboot(this.#context, instance, call);
    });
  }

  pause({ instance }: GuestRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.change('pause', instance, options, async (call) => {
      const guest = await this.#host.getGuest(instance, call);
      const powerState = await this.#require(guest, 'pause', ['RUNNING', 'PAUSED'], call);
      if (powerState === 'RUNNING') await guest.suspend(call);
    });
  }

  unpause({ instance }: GuestRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.change('unpause', instance, options, async (call) => {
      const guest = await this.#host.getGuest(instance, call);
      const powerState = await this.#require(guest, 'unpause', ['PAUSED', 'RUNNING'], call);
      if (powerState === 'PAUSED') await guest.resume(call);
    });
  }

  suspend({ instance }: GuestRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.change('suspend', instance, options, async (call) => {
      const guest = await this.#host.getGuest(instance, call);
      const powerState = await this.#require(guest, 'suspend', ['RUNNING', 'PAUSED', 'SUSPENDED'], call);
      if (powerState !== 'SUSPENDED') await guest.save(call);
    });
  }

  resume({ instance }: InstanceRequest, options: CallOptions = {}): Promise<void> {
    return this.#calls.start('resume', instance, options, async (call) => {
      await this.#resume(await this.#host.getGuest(instance, call), call);
    });
  }

  getConsoleOutput(request: ConsoleOutputRequest, options: CallOptions = {}): Promise<Uint8Array> {
    const { instance, lengthBytesMax = CONSOLE_BYTES_DEFAULT } = request;
    return this.#calls.read('read the console of', instance.uuid, options, async (call) => {
      await this.#host.getGuest(instance, call);
      return readConsoleLog(this.#context.directoryOf(instance.uuid).consoleLog, lengthBytesMax).catch(
        (cause: unknown) => {
          throw new ComputeError('CONSOLE_UNAVAILABLE', { instanceUuid: instance.uuid, console: 'serial' }, { cause });
        },
      );
    });
  }

  getVncConsole({ instance }: GuestRequest, options: CallOptions = {}): Promise<ConsoleEndpoint> {
    return this.#calls.read('find the console of', instance.uuid, options, async (call) => {
      const guest = await this.#host.getGuest(instance, call);
      const { vnc } = liveDevices(await guest.readXml(call));
      if (vnc === undefined)
        throw new ComputeError('CONSOLE_UNAVAILABLE', { instanceUuid: instance.uuid, console: 'vnc' });
      return vnc;
    });
  }

  getAvailableResource(_request: HostRequest, options: CallOptions = {}): Promise<HostResources> {
    return this.#calls.read('get resources', undefined, options, (call) => this.#host.resources(call));
  }

  #resume(guest: Guest, call: RunningCall): Promise<void> {
    return resumeGuest(guest, { clock: this.#context.environment.clock, ...call });
  }

  /** The guest's power state, when it is one from which the operation starts. */
  async #require(
    guest: Guest,
    operation: string,
    accepted: readonly PowerState[],
    call: RunningCall,
  ): Promise<PowerState> {
    const { powerState: actual } = await guest.look(call);
    if (accepted.includes(actual)) return actual;
    const details = { instanceUuid: guest.uuid, operation, attribute: 'power state', actual, accepted } as const;
    throw new ComputeError('INSTANCE_INVALID_STATE', details);
  }
}
