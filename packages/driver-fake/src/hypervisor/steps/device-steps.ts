import type { BlockDevice, BlockStats, CallOptions } from '@virtkit/core/driver';
import type { DeviceKind, DevicePlace, GuestDevice } from '../guest-device.js';
import type { HostDevices } from '../host-devices.js';
import type { FoundVolume, HostVolumes } from '../host-volumes.js';
import type { StepRunner } from '../step-runner.js';

export interface DeviceStepParts {
  readonly devices: HostDevices;
  readonly volumes: HostVolumes;
  /** The guest is asked to let go of a device; it may take its time, or not listen. */
  readonly askToDetach: (uuid: string, kind: DeviceKind, deviceId: string) => void;
}

/** Steps about the disks and interfaces that guests are given and let go. */
export class DeviceSteps {
  readonly #steps: StepRunner;
  readonly #parts: DeviceStepParts;

  constructor(steps: StepRunner, parts: DeviceStepParts) {
    this.#steps = steps;
    this.#parts = parts;
  }

  attach(uuid: string, added: GuestDevice, place: DevicePlace, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('attachDevice', uuid, options, () => this.#parts.devices.attach(uuid, added, place));
  }

  askToDetach(uuid: string, kind: DeviceKind, deviceId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('askToDetach', uuid, options, () => this.#parts.askToDetach(uuid, kind, deviceId));
  }

  /** The next start of the guest is without it. */
  forget(uuid: string, kind: DeviceKind, deviceId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('forgetDevice', uuid, options, () =>
      this.#parts.devices.remove(uuid, kind, deviceId, 'next-start'),
    );
  }

  /** A disk of the guest, as it has it now; of one that is off, as its next start will. */
  readVolume(uuid: string, deviceId: string, options: CallOptions = {}): Promise<FoundVolume> {
    return this.#steps.run('readVolume', uuid, options, () => this.#parts.volumes.find(uuid, deviceId));
  }

  readStats(uuid: string, deviceId: string, options: CallOptions = {}): Promise<BlockStats> {
    return this.#steps.run('readBlockStats', uuid, options, () => this.#parts.volumes.stats(uuid, deviceId));
  }

  /** The next start of the guest has the replacement. */
  replace(uuid: string, deviceId: string, replacement: BlockDevice, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('replaceDevice', uuid, options, () =>
      this.#parts.volumes.replaceInDefinition(uuid, deviceId, replacement),
    );
  }

  startMirror(uuid: string, deviceId: string, replacement: BlockDevice, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('startMirror', uuid, options, () =>
      this.#parts.volumes.startMirror(uuid, deviceId, replacement),
    );
  }

  pivotMirror(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('pivotMirror', uuid, options, () => this.#parts.volumes.pivotMirror(uuid));
  }

  cancelMirror(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('cancelMirror', uuid, options, () => this.#parts.volumes.cancelMirror(uuid));
  }

  grow(uuid: string, deviceId: string, sizeMib: number, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('growDevice', uuid, options, () => this.#parts.volumes.grow(uuid, deviceId, sizeMib));
  }

  addOverlay(uuid: string, deviceId: string, path: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('addOverlay', uuid, options, () => this.#parts.volumes.addOverlay(uuid, deviceId, path));
  }

  mergeOverlay(uuid: string, deviceId: string, path: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('mergeOverlay', uuid, options, () => this.#parts.volumes.mergeOverlay(uuid, deviceId, path));
  }
}
