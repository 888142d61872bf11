import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeStorage } from './fake-storage.js';
import {
  devicesIn,
  hasDevice,
  withDevice,
  withoutDevice,
  type DeviceKind,
  type DevicePlace,
  type GuestDevice,
} from './guest-device.js';
import type { Holdings } from './holding.js';

/** Giving guests devices and taking them away, now and for their next start. */
export class HostDevices {
  readonly #holdings: Holdings;
  readonly #storage: FakeStorage;
  readonly #deviceCountMax: number;

  /** @param deviceCountMax how many disks a guest can have beside its own, and how many interfaces */
  constructor(holdings: Holdings, storage: FakeStorage, deviceCountMax: number) {
    this.#holdings = holdings;
    this.#storage = storage;
    this.#deviceCountMax = deviceCountMax;
  }

  attach(uuid: string, added: GuestDevice, place: DevicePlace): void {
    const guest = this.#holdings.guest(uuid);
    const { id } = added.device;
    const spec = place === 'live' ? guest.running : guest.definition;
    if (spec === undefined)
      throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' is not running`);
    if (hasDevice(spec, added.kind, id)) {
      throw new FakeHypervisorError('refused', `target of ${id} already exists in domain '${spec.name}'`);
    }
    if (devicesIn(spec, added.kind).length >= this.#deviceCountMax) {
      const about = { deviceCountMax: this.#deviceCountMax };
      throw new FakeHypervisorError(
        'too-many-devices',
        `No more available PCI slots in '${spec.name}'`,
        'device',
        about,
      );
    }
    if (added.kind === 'disk') this.#storage.volumeAt(added.device.source.path);
    const plugged = this.#holdings.of(uuid).vifs.includes(id);
    if (added.kind === 'interface' && place === 'live' && !plugged) {
      throw new FakeHypervisorError('refused', `Cannot get interface MTU on tap of ${id}: No such device`);
    }
    if (place === 'live') guest.changeRunning(withDevice(spec, added));
    else guest.definition = withDevice(spec, added);
  }

  /** Not there: nothing to do. */
  remove(uuid: string, kind: DeviceKind, id: string, place: DevicePlace): void {
    const guest = this.#holdings.guest(uuid);
    if (place === 'next-start') guest.definition = withoutDevice(guest.definition, kind, id);
    else if (guest.running !== undefined) guest.changeRunning(withoutDevice(guest.running, kind, id));
  }
}
