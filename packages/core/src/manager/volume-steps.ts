import { isComputeError, type BlockDevice } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import { buildOf, holderOf } from '../model/build-of.js';
import type { InstanceBlockDevice, ReservedDevice } from '../model/instance-block-device.js';
import type { Instance } from '../model/instance.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import type { Records } from '../records/records.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { FamilyParts } from './operation-family.js';

/** Which volume a guest gets, and as what. */
export interface VolumeWish {
  readonly volumeId: string;
  /** Default `virtio`. */
  readonly bus?: BlockDevice['bus'];
  /** Place in the boot order, from 0; left out: not booted from. */
  readonly bootIndex?: number;
}

/** A volume that the driver has let go of. */
export interface VolumeToGiveUp {
  readonly device: ReservedDevice;
  readonly again: string;
  readonly onBack: (device: ReservedDevice) => void;
}

/** Reserving and connecting volumes, and the other way round. What is done for a task is undone when the task fails. */
export class VolumeSteps {
  readonly #driver: GuestDriver;
  readonly #providers: Providers;
  readonly #records: Records;

  constructor({ driver, providers, records }: Pick<FamilyParts, 'driver' | 'providers' | 'records'>) {
    this.#driver = driver;
    this.#providers = providers;
    this.#records = records;
  }

  /**
   * Before a volume is taken from the instance. An attempt of the same action that was cut off while it was undone may have reserved the volume
   * anew, under the id of its step: then the record says so from here on.
   */
  async recordHold(task: InstanceTask, volumeId: string, signal: AbortSignal): Promise<void> {
    const renewed = task.steps.flatMap((step) =>
      'againReservationId' in step && step.volumeId === volumeId ? [step.againReservationId] : [],
    );
    if (renewed.length === 0) return;
    const held = await this.#providers.volumes.volumesOf(buildOf(task.instance), { signal });
    const reservationId = held.find(({ id }) => id === volumeId)?.attachment?.reservationId;
    if (reservationId === undefined || !renewed.includes(reservationId)) return;
    const { blockDevices } = task.instance;
    await task.save({
      blockDevices: blockDevices.map((each) => (each.id === volumeId ? { ...each, reservationId } : each)),
    });
  }

  /** Makes a volume the instance's. @throws ComputeError `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`, `INSTANCE_EXISTS` */
  async reserve(task: InstanceTask, volumeId: string, reservationId: string, signal: AbortSignal): Promise<void> {
    const { volumes } = this.#providers;
    const holder = holderOf(task.instance, reservationId);
    task.undo.push('unreserve the volume', (options) => volumes.unreserve(volumeId, holder, options));
    await volumes.reserve(volumeId, holder, { signal });
  }

  /** Lets this host open a volume that the instance has reserved, and answers it as it is recorded and as the driver takes it. */
  async connect(
    task: InstanceTask,
    { volumeId: id, bus = 'virtio', bootIndex }: VolumeWish,
    reservationId: string,
    signal: AbortSignal,
  ): Promise<ReservedDevice> {
    const { volumes } = this.#providers;
    const holder = holderOf(task.instance, reservationId);
    const connector = await this.#driver.with('volumes').getVolumeConnector({}, { signal });
    task.undo.push('disconnect the volume', (options) =>
      volumes.disconnect(id, { ...holder, host: connector.host }, options),
    );
    const source = await volumes.connect(id, { ...holder, connector }, { signal });
    return { id, source, bus, device: 'disk', reservationId, ...(bootIndex !== undefined && { bootIndex }) };
  }

  /**
   * Takes a volume, which the driver has let go of, from this host and from the instance. If the task fails the instance gets it back, under
   * the new reservation `again`, since the old one may have ended; `onBack` is told as what.
   */
  async giveUp(task: InstanceTask, { device, again, onBack }: VolumeToGiveUp, signal: AbortSignal): Promise<void> {
    const { volumes } = this.#providers;
    const { id: volumeId } = device;
    const connector = await this.#driver.with('volumes').getVolumeConnector({}, { signal });
    task.undo.push('connect the volume again', async (options) => {
      if (await this.#isLeaving(task)) return 'enough';
      const source = await volumes.connect(volumeId, { ...holderOf(task.instance, again), connector }, options);
      onBack({ ...device, source, reservationId: again });
      return 'undone';
    });
    const place = { ...holderOf(task.instance, device.reservationId), host: connector.host };
    await volumes.disconnect(volumeId, place, { signal });
    await this.unreserve(task, device, again, signal);
  }

  /** Ends the instance's hold on a volume that no host has connected. If the task fails the instance holds it again, as `again` says. */
  async unreserve(
    task: InstanceTask,
    { id: volumeId, reservationId }: Pick<InstanceBlockDevice, 'id' | 'reservationId'>,
    again: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { volumes } = this.#providers;
    task.undo.push('reserve the volume again', async (options) => {
      if (await this.#isLeaving(task)) return 'enough';
      return await volumes.reserve(volumeId, holderOf(task.instance, again), options);
    });
    await volumes.unreserve(volumeId, holderOf(task.instance, reservationId), { signal });
  }

  /** Takes everything from an instance whose guest is gone, also what its record does not know of. */
  async giveUpAll(instance: Instance, signal: AbortSignal): Promise<void> {
    if (!this.#providers.has('volumes')) return;
    const { volumes } = this.#providers;
    for (const { id, attachment } of await volumes.volumesOf(buildOf(instance), { signal })) {
      const holder = holderOf(instance, attachment?.reservationId);
      for (const host of attachment?.hosts ?? []) await volumes.disconnect(id, { ...holder, host }, { signal });
      await volumes.unreserve(id, holder, { signal });
    }
  }

  /** An instance that is being deleted, or is, gets nothing back: nobody would take it away again. */
  async #isLeaving({ instance }: InstanceTask): Promise<boolean> {
    const { taskState, vmState } = await this.#records.store.getInstance(instance.uuid);
    return taskState === 'deleting' || vmState === 'deleted';
  }

  /** @throws ComputeError `NOT_SUPPORTED` */
  get provider(): VolumeProvider {
    return this.#providers.volumes;
  }
}

/** A guest that is gone has let go of everything. */
export async function unlessGone(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (failure) {
    if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
  }
}
