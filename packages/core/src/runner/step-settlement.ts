import { isComputeError, supports, type BlockDeviceSource, type Clock, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { settleWithin } from '../guard/settle.js';
import type { ActionStep } from '../model/action-step.js';
import { buildOf, holderOf } from '../model/build-of.js';
import { recordedDevice, type InstanceBlockDevice } from '../model/instance-block-device.js';
import { specOf, type Instance, type InstancePatch } from '../model/instance.js';
import { withPending, type PendingRelease } from '../model/pending-release.js';

export interface StepSettlementParts {
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** How long one owner may take to answer, where the settlement as a whole still has the time. */
const ANSWER_MS_MAX = 10_000;

/** Where a volume is of which only its provider can say more; a start connects it before it is used. */
const nowhere = { type: 'host-device', path: '/dev/null' } as const;

type Swap = Extract<ActionStep, { step: 'swap-volume' }>;

/** A request of the settlement, with the time it has left. */
type Options = ReturnType<typeof providerOptions>;

type Release = WithoutTime<PendingRelease>;
type WithoutTime<Entry> = Entry extends PendingRelease ? Omit<Entry, 'sinceMs'> : never;

/**
 * What records, driver and providers make of the steps of an action that was preempted or killed: what is done is on record afterwards, what is
 * not is undone, and what an owner does not answer for is listed as a pending release. Steps are settled in reverse. The guest must be off,
 * or stay as it is: `guest` says which, since a device that a running guest may still have open is never given back.
 */
export class StepSettlement {
  readonly #parts: StepSettlementParts;
  readonly #instance: Instance;
  readonly #guest: 'off' | 'as it was';
  #blockDevices: readonly InstanceBlockDevice[];
  #networkInterfaces: Instance['networkInterfaces'];
  #pending: readonly PendingRelease[] = [];

  constructor(instance: Instance, guest: 'off' | 'as it was', parts: StepSettlementParts) {
    this.#instance = instance;
    this.#guest = guest;
    this.#parts = parts;
    this.#blockDevices = instance.blockDevices;
    this.#networkInterfaces = instance.networkInterfaces;
  }

  /** What the instance's record has to say now. Empty: nothing but what it says. */
  get patch(): InstancePatch {
    const { blockDevices, networkInterfaces, pendingRelease } = this.#instance;
    return {
      ...(this.#blockDevices !== blockDevices && { blockDevices: this.#blockDevices }),
      ...(this.#networkInterfaces !== networkInterfaces && { networkInterfaces: this.#networkInterfaces }),
      ...(this.#pending.length > 0 && { pendingRelease: withPending(pendingRelease, this.#pending) }),
    };
  }

  /** Never rejects: an owner that does not answer within `options.signal` leaves a pending release. */
  async settle(step: ActionStep, options: Options): Promise<void> {
    switch (step.step) {
      case 'get-volume':
        return await this.#takeVolumeBack(step.volumeId, step.reservationId, options);
      case 'give-volume-back':
        return await this.#giveVolumeBack(step.volumeId, step.reservationId, options);
      case 'swap-volume':
        return await this.#settleSwap(step, options);
      case 'get-interfaces':
        return await this.#takeInterfacesBack(step.reservationId, step.besides, options);
      case 'give-interface-back':
        return await this.#giveInterfaceBack(step.interfaceId, options);
      case 'make-image':
        return await this.#takeImageBack(step.imageId, step.kind, options);
      case 'make-volume-snapshot':
      case 'merge-volume-snapshot':
        return await this.#mergeSnapshot(step.volumeId, step.snapshotId, options);
    }
  }

  async #takeVolumeBack(volumeId: string, reservationId: string, options: Options): Promise<void> {
    if (!(await this.#isOutOfGuest('volumes', volumeId, options))) {
      // The guest has it and does not let go: it is the instance's.
      await this.#record({ id: volumeId, source: nowhere, bus: 'virtio', device: 'disk', reservationId }, options);
      return;
    }
    this.#forgetVolume(volumeId);
    await this.#unreserve(volumeId, reservationId, options);
  }

  async #giveVolumeBack(volumeId: string, reservationId: string | undefined, options: Options): Promise<void> {
    const held = await this.#ask('find out whose the volume is', options, async () => {
      const { volumes } = this.#parts.providers;
      return (await volumes.volumesOf(buildOf(this.#instance), options)).find(({ id }) => id === volumeId) ?? null;
    });
    const attachment = held?.attachment;
    const isOurs =
      held !== null &&
      (reservationId === undefined || held === undefined || attachment?.reservationId === reservationId);
    if (!isOurs) return this.#forgetVolume(volumeId);
    const hasLetGo = this.#guest === 'off' || (held !== undefined && attachment?.hosts.length === 0);
    if (!hasLetGo || !(await this.#isOutOfGuest('volumes', volumeId, options))) return;
    const mine = reservationId ?? attachment?.reservationId;
    // A hold without a name cannot wait for its owner: it stays on record.
    if (mine === undefined && held === undefined) return;
    this.#forgetVolume(volumeId);
    await this.#unreserve(volumeId, mine, options);
  }

  async #settleSwap(swap: Swap, options: Options): Promise<void> {
    const { volumeId, newVolumeId, reservationId, replacement } = swap;
    if (replacement === null) return await this.#unreserve(newVolumeId, reservationId, options);
    const old = this.#blockDevices.find(({ id }) => id === volumeId);
    if (!old) return;
    this.#blockDevices = this.#blockDevices.map((each) => (each.id === volumeId ? replacement : each));
    await this.#unreserve(volumeId, old.reservationId, options);
  }

  async #takeInterfacesBack(reservationId: string, besides: readonly string[], options: Options): Promise<void> {
    const { networks } = this.#parts.providers;
    const build = buildOf(this.#instance);
    const release = { kind: 'interfaces', reservationId } as const;
    await this.#orPending(release, 'take interfaces back', options, async () => {
      for (const { id } of await networks.interfacesOf(build, options)) {
        if (besides.includes(id) || (await this.#isOutOfGuest('interfaces', id, options))) continue;
        throw new Error(`the guest does not let go of interface ${id}`);
      }
      await networks.unreserve(build, reservationId, options);
    });
    if (this.#networkInterfaces.every(({ id }) => besides.includes(id))) return;
    this.#networkInterfaces = this.#networkInterfaces.filter(({ id }) => besides.includes(id));
  }

  async #giveInterfaceBack(interfaceId: string, options: Options): Promise<void> {
    const { networks } = this.#parts.providers;
    const build = buildOf(this.#instance);
    const found = await this.#ask('find out whose the interface is', options, () =>
      networks.interfacesOf(build, options),
    );
    const isReleased = found !== undefined && !found.some(({ id }) => id === interfaceId);
    if (!isReleased) {
      if (this.#guest !== 'off' || !(await this.#isOutOfGuest('interfaces', interfaceId, options))) return;
      const release = { kind: 'interface', interfaceId } as const;
      await this.#orPending(release, 'give an interface back', options, () =>
        networks.release(build, interfaceId, options),
      );
    }
    this.#networkInterfaces = this.#networkInterfaces.filter(({ id }) => id !== interfaceId);
  }

  /** A finished backup stays: older ones may have made room for it. What an instance is shelved in is all that there is of its disk. */
  async #takeImageBack(imageId: string, kind: string, options: Options): Promise<void> {
    if (this.#instance.shelvedImageId === imageId) return;
    const { images } = this.#parts.providers;
    const { uuid: instanceUuid } = this.#instance;
    await this.#orPending({ kind: 'image', imageId }, 'delete an image', options, async () => {
      const finished = kind === 'backup' ? await images.listImages({ instanceUuid }, options) : [];
      if (!finished.some(({ id }) => id === imageId)) await images.deleteImage(imageId, options);
    });
  }

  async #mergeSnapshot(volumeId: string, snapshotId: string, options: Options): Promise<void> {
    const release = { kind: 'volume-snapshot', volumeId, snapshotId } as const;
    await this.#orPending(release, 'merge a snapshot of a volume', options, async () => {
      await mergeSnapshot(this.#instance, release, this.#parts, options);
    });
    await this.#findAgain(volumeId, options);
  }

  /** The file that the guest writes to is another one after a merge. Only a cache: a start asks the provider in any case. */
  async #findAgain(volumeId: string, options: Options): Promise<void> {
    const device = this.#blockDevices.find(({ id }) => id === volumeId);
    const source = device && (await this.#connected(device, options));
    if (!device || !source) return;
    const found = recordedDevice({ ...device, source });
    this.#blockDevices = this.#blockDevices.map((each) => (each.id === volumeId ? found : each));
  }

  #forgetVolume(volumeId: string): void {
    if (!this.#blockDevices.some(({ id }) => id === volumeId)) return;
    this.#blockDevices = this.#blockDevices.filter(({ id }) => id !== volumeId);
  }

  async #record(device: InstanceBlockDevice, options: Options): Promise<void> {
    if (this.#blockDevices.some(({ id }) => id === device.id)) return;
    const source = await this.#connected(device, options);
    this.#blockDevices = [...this.#blockDevices, recordedDevice({ ...device, source: source ?? nowhere })];
  }

  async #connected(
    { id, reservationId }: InstanceBlockDevice,
    options: Options,
  ): Promise<BlockDeviceSource | undefined> {
    return await this.#ask('connect a volume that the guest keeps', options, async () => {
      const { driver, providers } = this.#parts;
      const connector = await driver.with('volumes').getVolumeConnector(options);
      return await providers.volumes.connect(id, { ...holderOf(this.#instance, reservationId), connector }, options);
    });
  }

  async #unreserve(volumeId: string, reservationId: string | undefined, options: Options): Promise<void> {
    const { volumes } = this.#parts.providers;
    const give = (): Promise<void> => volumes.unreserve(volumeId, holderOf(this.#instance, reservationId), options);
    if (reservationId === undefined) await this.#ask('give a volume back', options, give);
    else await this.#orPending({ kind: 'volume', volumeId, reservationId }, 'give a volume back', options, give);
  }

  /** Has the guest let go of a device; one that has no guest, or no such device, has. */
  async #isOutOfGuest(ability: 'volumes' | 'interfaces', deviceId: string, options: Options): Promise<boolean> {
    const { driver } = this.#parts;
    const spec = specOf(this.#instance);
    if (!supports(driver, ability) || this.#instance.vmState === 'building') return true;
    const isOut = await this.#ask('have the guest let go of a device', options, async () => {
      try {
        if (ability === 'volumes') await driver.with('volumes').detachVolume(spec, deviceId, options);
        else await driver.with('interfaces').detachInterface(spec, deviceId, options);
      } catch (failure) {
        const isGone = isComputeError(failure, 'INSTANCE_NOT_FOUND') || isComputeError(failure, 'DEVICE_NOT_FOUND');
        if (!isGone) throw failure;
      }
      return true;
    });
    return isOut ?? false;
  }

  async #orPending(release: Release, duty: string, options: Options, work: () => Promise<void>): Promise<void> {
    const isDone = await this.#ask(duty, options, async () => {
      await work();
      return true;
    });
    if (isDone) return;
    this.#pending = withPending(this.#pending, [{ ...release, sinceMs: this.#parts.clock.now() }]);
  }

  /** `undefined` when there is no answer in time. */
  async #ask<Value>(duty: string, { signal }: Options, work: () => Promise<Value>): Promise<Value | undefined> {
    const { clock, log } = this.#parts;
    const { uuid: instanceUuid } = this.#instance;
    const deadline = { clock, timeoutMs: ANSWER_MS_MAX, graceMs: 0, signal };
    const { settled } = await settleWithin(deadline, work);
    if (settled !== 'never' && settled.status === 'fulfilled') return settled.value;
    const err: unknown = settled === 'never' ? undefined : settled.reason;
    log.warn({ err, instanceUuid, duty }, 'step of a preempted or killed action not settled');
    return undefined;
  }
}

/** Ends a snapshot of a volume that was begun or whose merge was begun: the only way is onwards. Idempotent. */
export async function mergeSnapshot(
  instance: Instance,
  { volumeId, snapshotId }: { readonly volumeId: string; readonly snapshotId: string },
  { driver, providers }: Pick<StepSettlementParts, 'driver' | 'providers'>,
  options: Options,
): Promise<void> {
  const { volumes } = providers;
  const place = await volumes.beginSnapshotDeletion(snapshotId, options);
  if (!place) return;
  try {
    await driver.with('volumeSnapshots').volumeSnapshotDelete(specOf(instance), volumeId, place.path, options);
  } catch (failure) {
    if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') && !isComputeError(failure, 'DEVICE_NOT_FOUND')) throw failure;
  }
  await volumes.finishSnapshotDeletion(snapshotId, options);
}
