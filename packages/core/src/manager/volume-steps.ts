import { isComputeError, type BlockDevice } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import type { Instance } from '../model/instance.js';
import type { VolumeHolder, VolumeProvider } from '../providers/volume-provider.js';
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

  /** Makes a volume the instance's. @throws ComputeError `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE` */
  async reserve(task: InstanceTask, volumeId: string, signal: AbortSignal): Promise<void> {
    const { volumes } = this.#providers;
    task.undo.push('unreserve the volume', () => volumes.unreserve(volumeId, task.instance.uuid));
    await volumes.reserve(volumeId, holderOf(task.instance), { signal });
  }

  /** Lets this host open a volume that the instance has, and answers it as the driver takes it. */
  async connect(
    task: InstanceTask,
    { volumeId: id, bus = 'virtio', bootIndex }: VolumeWish,
    signal: AbortSignal,
  ): Promise<BlockDevice> {
    const { volumes } = this.#providers;
    const { uuid } = task.instance;
    const connector = await this.#driver.with('volumes').getVolumeConnector({ signal });
    task.undo.push('disconnect the volume', () => volumes.disconnect(id, { instanceUuid: uuid, host: connector.host }));
    const source = await volumes.connect(id, { ...holderOf(task.instance), connector }, { signal });
    return { id, source, bus, device: 'disk', ...(bootIndex !== undefined && { bootIndex }) };
  }

  /**
   * Takes a volume, which the driver has let go of, from this host and from the instance. If the task fails the instance gets it back, and
   * `onBack` is told as what.
   */
  async giveUp(
    task: InstanceTask,
    device: BlockDevice,
    onBack: (device: BlockDevice) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { volumes } = this.#providers;
    const { id: volumeId } = device;
    const { uuid: instanceUuid } = task.instance;
    const connector = await this.#driver.with('volumes').getVolumeConnector({ signal });
    task.undo.push('connect the volume again', async () => {
      if (await this.#isLeaving(task)) return 'enough';
      const source = await volumes.connect(volumeId, { ...holderOf(task.instance), connector });
      onBack({ ...device, source });
      return 'undone';
    });
    await volumes.disconnect(volumeId, { instanceUuid, host: connector.host }, { signal });
    await this.unreserve(task, volumeId, signal);
  }

  /** Ends the instance's hold on a volume that no host has connected. */
  async unreserve(task: InstanceTask, volumeId: string, signal: AbortSignal): Promise<void> {
    const { volumes } = this.#providers;
    task.undo.push('reserve the volume again', async () => {
      if (await this.#isLeaving(task)) return 'enough';
      return await volumes.reserve(volumeId, holderOf(task.instance));
    });
    await volumes.unreserve(volumeId, task.instance.uuid, { signal });
  }

  /** Takes everything from an instance whose guest is gone, also what its record does not know of. */
  async giveUpAll({ uuid: instanceUuid }: Instance, signal: AbortSignal): Promise<void> {
    if (!this.#providers.has('volumes')) return;
    const { volumes } = this.#providers;
    for (const { id, attachment } of await volumes.volumesOf(instanceUuid, { signal })) {
      for (const host of attachment?.hosts ?? []) await volumes.disconnect(id, { instanceUuid, host }, { signal });
      await volumes.unreserve(id, instanceUuid, { signal });
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

function holderOf({ uuid, projectId }: Instance): VolumeHolder {
  return { instanceUuid: uuid, projectId };
}

/** A guest that is gone has let go of everything. */
export async function unlessGone(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (failure) {
    if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
  }
}
