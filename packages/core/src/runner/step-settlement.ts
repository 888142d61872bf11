import { isComputeError, supports, type Clock, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { settleWithin } from '../guard/settle.js';
import type { ActionStep } from '../model/action-step.js';
import { buildOf, holderOf } from '../model/build-of.js';
import { deviceOf, recordedDevice, type InstanceBlockDevice } from '../model/instance-block-device.js';
import { specOf, type Instance, type InstancePatch } from '../model/instance.js';
import { hasOpenSteps, withPending, type PendingRelease } from '../model/pending-release.js';

export interface StepSettlementParts {
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** How long one owner may take to answer, where the settlement as a whole still has the time. */
const ANSWER_MS_MAX = 10_000;

type Step<Name extends ActionStep['step']> = Extract<ActionStep, { step: Name }>;
type Swap = Step<'swap-volume'>;

/** A request of the settlement, with the time it has left. */
type Options = ReturnType<typeof providerOptions>;

type Release = WithoutTime<PendingRelease>;
type WithoutTime<Entry> = Entry extends PendingRelease ? Omit<Entry, 'sinceMs'> : never;

/** `open`: an owner could not say what has become of it. The step stays with its action, and is settled later. */
export type StepEnd = 'settled' | 'open';

/**
 * What records, driver and providers make of the steps of an action that was preempted or killed: what is done is on record afterwards, what is
 * not is undone, what an owner does not take back in time is listed as a pending release, and a step of which an owner cannot say whether it is
 * done stays open. Steps are settled in reverse. The guest must be off, or stay as it is: `guest` says which, since a device that a running
 * guest may still have open is never given back. What a later action has got under a reservation of its own is left alone.
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

  /** What the instance's record has to say now, `steps` being what is left of them. Empty: nothing but what it says. */
  patch(steps: StepEnd): InstancePatch {
    const { blockDevices, networkInterfaces } = this.#instance;
    return {
      ...(this.#blockDevices !== blockDevices && { blockDevices: this.#blockDevices }),
      ...(this.#networkInterfaces !== networkInterfaces && { networkInterfaces: this.#networkInterfaces }),
      ...this.#pendingPatch(steps),
    };
  }

  #pendingPatch(steps: StepEnd): InstancePatch {
    const { pendingRelease = [] } = this.#instance;
    const isListed = hasOpenSteps(this.#instance);
    const kept = steps === 'settled' ? pendingRelease.filter(({ kind }) => kind !== 'steps') : pendingRelease;
    const open = steps === 'open' && !isListed ? [{ kind: 'steps', sinceMs: this.#parts.clock.now() } as const] : [];
    if (kept.length === pendingRelease.length && open.length + this.#pending.length === 0) return {};
    return { pendingRelease: withPending(kept, [...open, ...this.#pending]) };
  }

  /** Never rejects: what an owner does not take back within `options.signal` is a pending release. */
  async settle(step: ActionStep, options: Options): Promise<StepEnd> {
    switch (step.step) {
      case 'get-volume':
        return await this.#takeVolumeBack(step, options);
      case 'swap-volume':
        return await this.#settleSwap(step, options);
      case 'give-volume-back':
        await this.#giveVolumeBack(step, options);
        break;
      case 'get-interfaces':
        await this.#takeInterfacesBack(step.reservationId, step.besides, options);
        break;
      case 'give-interface-back':
        await this.#giveInterfaceBack(step.interfaceId, options);
        break;
      case 'make-image':
        await this.#takeImageBack(step.imageId, step.kind, options);
        break;
      case 'make-volume-snapshot':
      case 'merge-volume-snapshot':
        await this.#mergeSnapshot(step.volumeId, step.snapshotId, options);
        break;
    }
    return 'settled';
  }

  /** A swap with what its guest shows of it, to be asked before the guest is changed. Never rejects. */
  async lookAtSwap(swap: Swap, options: Options): Promise<Swap> {
    const guestHas = await this.#guestHas(swap, options);
    return guestHas ? { ...swap, guestHas } : swap;
  }

  async #takeVolumeBack(
    { volumeId: id, reservationId, bus, bootIndex }: Step<'get-volume'>,
    options: Options,
  ): Promise<StepEnd> {
    const known = this.#recorded(id);
    const isAnothers = known !== undefined && known.reservationId !== reservationId;
    if (!isAnothers && !(await this.#isOutOfGuest('volumes', id, options))) {
      // The guest has it and does not let go: it is the instance's.
      if (known) return 'settled';
      const device = { id, bus, device: 'disk', reservationId, ...(bootIndex !== undefined && { bootIndex }) } as const;
      const found = await this.#connected(device, options);
      if (found) this.#blockDevices = [...this.#blockDevices, found];
      return found ? 'settled' : 'open';
    }
    if (!isAnothers) this.#forgetVolume(id);
    await this.#unreserve(id, reservationId, options);
    return 'settled';
  }

  async #giveVolumeBack(
    { volumeId, reservationId, againReservationId }: Step<'give-volume-back'>,
    options: Options,
  ): Promise<void> {
    const known = this.#recorded(volumeId);
    if (known && known.reservationId !== reservationId) return;
    const held = await this.#ask('find out whose the volume is', options, async () => {
      const { volumes } = this.#parts.providers;
      return (await volumes.volumesOf(buildOf(this.#instance), options)).find(({ id }) => id === volumeId) ?? null;
    });
    const attachment = held?.attachment;
    const mine = [reservationId, againReservationId].find(
      (each) => each !== undefined && each === attachment?.reservationId,
    );
    const isOurs = held !== null && (reservationId === undefined || held === undefined || mine !== undefined);
    if (!isOurs) return this.#forgetVolume(volumeId);
    const hasLetGo = this.#guest === 'off' || (held !== undefined && attachment?.hosts.length === 0);
    const holding = mine ?? reservationId ?? attachment?.reservationId;
    if (!hasLetGo || !(await this.#isOutOfGuest('volumes', volumeId, options))) {
      if (known)
        await this.#keepVolume({ ...known, ...(holding !== undefined && { reservationId: holding }) }, options);
      return;
    }
    // A hold without a name cannot wait for its owner: it stays on record.
    if (holding === undefined && held === undefined) return;
    this.#forgetVolume(volumeId);
    await this.#unreserve(volumeId, holding, options);
    // Which of the two the instance has is not known: both end.
    if (held === undefined && againReservationId !== undefined)
      await this.#unreserve(volumeId, againReservationId, options);
  }

  async #settleSwap(swap: Swap, options: Options): Promise<StepEnd> {
    const { volumeId, newVolumeId, reservationId, againReservationId, replacement } = swap;
    const guestHas = swap.guestHas ?? (await this.#guestHas(swap, options)) ?? (replacement ? 'new' : undefined);
    if (guestHas === undefined) return 'open';
    const old = this.#recorded(volumeId);
    if (guestHas === 'old' || !old) {
      if (!this.#recorded(newVolumeId)) await this.#unreserve(newVolumeId, reservationId, options);
      return old && againReservationId !== undefined
        ? await this.#recordHold(old, againReservationId, options)
        : 'settled';
    }
    const found = replacement ?? (await this.#connected({ ...old, id: newVolumeId, reservationId }, options));
    if (!found) return 'open';
    this.#blockDevices = this.#blockDevices.map((each) => (each.id === volumeId ? found : each));
    await this.#unreserve(volumeId, old.reservationId, options);
    if (againReservationId !== undefined) await this.#unreserve(volumeId, againReservationId, options);
    return 'settled';
  }

  /** A volume that stays the instance's is recorded under the reservation by which its provider knows it: the old one, or that of an undo. */
  async #recordHold(device: InstanceBlockDevice, againReservationId: string, options: Options): Promise<StepEnd> {
    const { volumes } = this.#parts.providers;
    const held = await this.#ask('find out whose the volume is', options, async () => {
      const all = await volumes.volumesOf(buildOf(this.#instance), options);
      return all.find(({ id }) => id === device.id)?.attachment?.reservationId ?? 'nobody';
    });
    if (held === undefined) return 'open';
    if (held !== againReservationId) return 'settled';
    const again = { ...device, reservationId: againReservationId };
    this.#blockDevices = this.#blockDevices.map((each) => (each.id === device.id ? again : each));
    return 'settled';
  }

  /** Which of the two volumes of a swap the guest has; `undefined` where neither the driver nor the record can tell. */
  async #guestHas({ newVolumeId }: Swap, options: Options): Promise<'old' | 'new' | undefined> {
    const { driver } = this.#parts;
    // A deleted instance has no guest, and goes without both.
    if (this.#instance.vmState === 'deleted') return 'old';
    if (!supports(driver, 'blockStats')) return undefined;
    return await this.#ask('find out which volume the guest writes to', options, async () => {
      try {
        await driver.with('blockStats').blockStats({ instance: this.#instance, deviceId: newVolumeId }, options);
        return 'new';
      } catch (failure) {
        if (isComputeError(failure, 'DEVICE_NOT_FOUND')) return 'old';
        throw failure;
      }
    });
  }

  async #takeInterfacesBack(reservationId: string, besides: readonly string[], options: Options): Promise<void> {
    const { networks } = this.#parts.providers;
    const build = buildOf(this.#instance);
    const release = { kind: 'interfaces', reservationId } as const;
    const isBuilding = this.#instance.vmState === 'building';
    const recorded = isBuilding ? [] : this.#networkInterfaces.map(({ id }) => id);
    await this.#orPending(release, 'take interfaces back', options, async () => {
      for (const { id } of await networks.interfacesOf(build, options)) {
        const stays = besides.includes(id) || recorded.includes(id);
        if (stays || (await this.#isOutOfGuest('interfaces', id, options))) continue;
        throw new Error(`the guest does not let go of interface ${id}`);
      }
      await networks.unreserve(build, reservationId, options);
    });
    if (!isBuilding || this.#networkInterfaces.every(({ id }) => besides.includes(id))) return;
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
      if (this.#guest !== 'off') return await this.#keepInterface(interfaceId, options);
      if (!(await this.#isOutOfGuest('interfaces', interfaceId, options))) return;
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
    const device = this.#recorded(volumeId);
    const found = device && (await this.#connected(device, options));
    if (found) this.#blockDevices = this.#blockDevices.map((each) => (each.id === volumeId ? found : each));
  }

  #recorded(volumeId: string): InstanceBlockDevice | undefined {
    return this.#blockDevices.find(({ id }) => id === volumeId);
  }

  #forgetVolume(volumeId: string): void {
    if (!this.#recorded(volumeId)) return;
    this.#blockDevices = this.#blockDevices.filter(({ id }) => id !== volumeId);
  }

  /** The volume stays the instance's, under the reservation by which its provider knows it, and a guest that has let go of it gets it again. */
  async #keepVolume(kept: InstanceBlockDevice, options: Options): Promise<void> {
    if (kept.reservationId !== this.#recorded(kept.id)?.reservationId)
      this.#blockDevices = this.#blockDevices.map((each) => (each.id === kept.id ? kept : each));
    const { driver, providers } = this.#parts;
    if (!this.#mayHaveGuest || !supports(driver, 'volumes')) return;
    await this.#ask('give the guest its volume again', options, async () => {
      const connector = await driver.with('volumes').getVolumeConnector({}, options);
      const holder = holderOf(this.#instance, kept.reservationId);
      const source = await providers.volumes.connect(kept.id, { ...holder, connector }, options);
      await driver
        .with('volumes')
        .attachVolume({ instance: specOf(this.#instance), device: deviceOf({ ...kept, source }) }, options);
    });
  }

  /** A guest that has let go of an interface that stays the instance's gets it again. */
  async #keepInterface(interfaceId: string, options: Options): Promise<void> {
    const kept = this.#networkInterfaces.find(({ id }) => id === interfaceId);
    const { driver } = this.#parts;
    if (!kept || !this.#mayHaveGuest || !supports(driver, 'interfaces')) return;
    await this.#ask('give the guest its interface again', options, () =>
      driver.with('interfaces').attachInterface({ instance: specOf(this.#instance), networkInterface: kept }, options),
    );
  }

  get #mayHaveGuest(): boolean {
    return this.#guest !== 'off' && this.#instance.vmState !== 'building' && this.#instance.vmState !== 'deleted';
  }

  /** A device with the place where this host opens it; `undefined` when its provider does not tell in time. */
  async #connected(
    device: Omit<InstanceBlockDevice, 'source'>,
    options: Options,
  ): Promise<InstanceBlockDevice | undefined> {
    return await this.#ask('connect a volume that the guest keeps', options, async () => {
      const { driver, providers } = this.#parts;
      const connector = await driver.with('volumes').getVolumeConnector({}, options);
      const holder = holderOf(this.#instance, device.reservationId);
      const source = await providers.volumes.connect(device.id, { ...holder, connector }, options);
      return recordedDevice({ ...device, source });
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
        if (ability === 'volumes') await driver.with('volumes').detachVolume({ instance: spec, deviceId }, options);
        else await driver.with('interfaces').detachInterface({ instance: spec, interfaceId: deviceId }, options);
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
    await driver
      .with('volumeSnapshots')
      .volumeSnapshotDelete({ instance: specOf(instance), deviceId: volumeId, snapshotPath: place.path }, options);
  } catch (failure) {
    if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') && !isComputeError(failure, 'DEVICE_NOT_FOUND')) throw failure;
  }
  await volumes.finishSnapshotDeletion(snapshotId, options);
}
