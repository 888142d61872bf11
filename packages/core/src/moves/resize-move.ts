import { isComputeError, suppress, supports, type GuestInspection } from '../driver/index.js';
import { specOf, type Instance } from '../model/instance.js';
import { leaveUnsettled } from '../model/unsettled.js';
import type { GuestMoved, HostPeer } from '../peers/host-peer.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { WorkDone } from '../runner/operation-runner.js';
import type { MigrationRecord } from './migration-record.js';
import { endAt, type MoveParts } from './move-parts.js';
import { interfacesAt, withConnected } from './moved-devices.js';
import { vmStateBack, type SettledMove } from './settled-move.js';
import { steadily } from './steadily.js';

/**
 * A powered-off guest on its way to another host, or to another flavor on the same. The source's manager leads. The guest is never at
 * both ends: the source's is gone before the destination's is made, and that is gone before the source's comes back.
 */
export class ResizeMove {
  readonly #parts: MoveParts;
  readonly #record: MigrationRecord;

  constructor(parts: MoveParts, record: MigrationRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  /** Takes the guest there. When that fails it is brought back, and what cannot be brought back is told with the failure. */
  async carryOut(task: InstanceTask, signal: AbortSignal): Promise<WorkDone> {
    try {
      return await this.#forward(task, signal);
    } catch (failure) {
      // Whoever has taken the instance over sees to both ends.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      try {
        await this.rollBack(task.instance);
      } catch (secondary) {
        suppress(failure, secondary, 'bring the instance back from its move');
        // A guest that is whole at its source is led out of whatever is wrong by a hard reboot. Of another this goes on trying.
        if (!(await this.#isBack(failure, task.instance))) leaveUnsettled(failure);
      }
      throw failure;
    }
  }

  /** Removes what has come to the destination, then has the source make the guest again. Idempotent. */
  async rollBack(instance: Instance): Promise<GuestMoved | undefined> {
    const { driver } = this.#parts;
    const { status, uuid: migrationUuid } = this.#record.present;
    const { uuid: instanceUuid } = instance;
    if (this.#record.isBetweenHosts) await this.#clearDestination(instanceUuid, migrationUuid);
    // Before that nothing was asked of the guest.
    if (status !== 'running') return undefined;
    return await steadily(this.#parts, async () => {
      const back = await this.#makeAgain(instance);
      // On one host what was sent lies beside what was kept.
      if (!this.#record.isBetweenHosts && supports(driver, 'lingeringFiles')) {
        await driver.with('lingeringFiles').deleteInstanceFiles({ instance });
      }
      return back;
    });
  }

  async #makeAgain(instance: Instance): Promise<GuestMoved> {
    const { sourceHost, vmStateBefore, oldFlavor } = this.#record.present;
    const { uuid: instanceUuid } = instance;
    const networkInterfaces = this.#record.isBetweenHosts
      ? await interfacesAt(instance, sourceHost, this.#parts.providers)
      : instance.networkInterfaces;
    return await this.#source(instanceUuid).revertResize({
      instanceUuid,
      instance: { ...specOf(instance), networkInterfaces, flavor: oldFlavor },
      start: startFrom(vmStateBefore),
    });
  }

  /** Asks both ends, and finishes the move where the guest is, or brings it back. Rejects when an end does not answer: then nothing is done. */
  async settle(instance: Instance): Promise<SettledMove> {
    const { uuid: instanceUuid } = instance;
    if (this.#mayBeThere) {
      const there = await this.#destination(instanceUuid).inspect(this.#record.asked);
      const arrived = there.guest === 'present' ? await this.#finishedAfterAll(instance) : undefined;
      if (arrived) return arrived;
    }
    await this.rollBack(instance);
    const here = await this.#source(instanceUuid).inspect(this.#record.asked);
    return {
      end: 'returned',
      vmState: vmStateBack(this.#record.present, here),
      powerState: here.powerState,
      patch: {},
      writes: [this.#record.to('failed')],
    };
  }

  /** On one host a guest that was resized looks like one that was not. On another there is none before its disks were handed over. */
  get #mayBeThere(): boolean {
    return this.#record.isBetweenHosts && this.#record.present.disks !== null;
  }

  async #forward(task: InstanceTask, signal: AbortSignal): Promise<WorkDone> {
    const { driver, volumes, providers } = this.#parts;
    const { uuid: migrationUuid, instanceUuid, destinationHost: host, newFlavor: flavor } = this.#record.present;
    await task.save({}, [this.#record.to('preparing')]);
    const { address } = await this.#destination(instanceUuid).prepareMove({ instanceUuid, migrationUuid }, { signal });

    await task.advance('resize_migrating', {}, { writes: [this.#record.to('running')] });
    // What the failure of a step says of its effect is true of that step only.
    task.lookWith(() => this.#truth(task.instance));
    const disks = await driver
      .with('resize')
      .migrateDiskAndPowerOff({ instance: task.spec, destination: { host, address, flavor } }, { signal });
    await task.advance('resize_migrated', {}, { writes: [this.#record.to('running', { disks })] });

    let { networkInterfaces } = task.instance;
    if (this.#record.isBetweenHosts) {
      await volumes.disconnect(instanceUuid, { signal });
      networkInterfaces = await interfacesAt(task.instance, host, providers, { signal });
    }
    await task.advance('resize_finish');
    const instance = { ...task.spec, networkInterfaces, flavor };
    const start = startFrom(task.instance.vmState);
    const moved = await this.#destination(instanceUuid).finishResize(
      { instanceUuid, instance, disks, start },
      { signal },
    );
    return this.#arrived(task.instance, networkInterfaces, moved);
  }

  #arrived(
    instance: Instance,
    networkInterfaces: Instance['networkInterfaces'],
    { powerState, blockDevices }: GuestMoved,
  ): WorkDone & { readonly powerState: GuestMoved['powerState'] } {
    const { destinationHost: host, newFlavor: flavor } = this.#record.present;
    const patch = {
      host,
      flavor,
      networkInterfaces,
      blockDevices: withConnected(instance.blockDevices, blockDevices),
    };
    return { powerState, patch, writes: [this.#record.to('finished')] };
  }

  async #finishedAfterAll(instance: Instance): Promise<SettledMove | undefined> {
    const { providers, log } = this.#parts;
    const { disks, destinationHost, newFlavor, vmStateBefore } = this.#record.present;
    if (disks === null) return undefined;
    const { uuid: instanceUuid } = instance;
    try {
      const networkInterfaces = await interfacesAt(instance, destinationHost, providers);
      const moved = await this.#destination(instanceUuid).finishResize({
        instanceUuid,
        instance: { ...specOf(instance), networkInterfaces, flavor: newFlavor },
        disks,
        start: startFrom(vmStateBefore),
      });
      const { powerState, patch = {}, writes = [] } = this.#arrived(instance, networkInterfaces, moved);
      return { end: 'arrived', vmState: 'resized', powerState, patch, writes };
    } catch (failure) {
      log.warn(
        { err: failure, instanceUuid },
        'a guest could not be finished where it has moved to; it is brought back',
      );
      return undefined;
    }
  }

  async #clearDestination(instanceUuid: string, migrationUuid: string): Promise<void> {
    const { log } = this.#parts;
    const { destinationHost } = this.#record.present;
    try {
      await steadily(this.#parts, () => this.#destination(instanceUuid).undoResize(this.#record.asked));
    } catch (failure) {
      if (this.#mayBeThere) throw failure;
      // No guest runs there; what came is removed when that host looks through its ended moves.
      log.error(
        { err: failure, instanceUuid, migrationUuid, destinationHost },
        'a destination may hold what came of a move',
      );
    }
  }

  /** What is true of the guest after a failure. Rejects unless it is known that none is at the destination. */
  async #truth({ uuid: instanceUuid }: Instance): Promise<GuestInspection> {
    const here = await this.#source(instanceUuid).inspect(this.#record.asked);
    if (!this.#mayBeThere) return here;
    const there = await this.#destination(instanceUuid).inspect(this.#record.asked);
    if (there.guest === 'present') throw new Error('a guest is left at the destination of a move that has failed');
    return here;
  }

  /** On one host a guest that was resized looks like one that was not. */
  async #isBack(failure: unknown, instance: Instance): Promise<boolean> {
    if (!this.#record.isBetweenHosts) return false;
    try {
      return (await this.#truth(instance)).guest === 'present';
    } catch (secondary) {
      suppress(failure, secondary, 'find out at which end the guest is');
      return false;
    }
  }

  #source(instanceUuid: string): HostPeer {
    return endAt(this.#parts, this.#record.present.sourceHost, instanceUuid);
  }

  #destination(instanceUuid: string): HostPeer {
    return endAt(this.#parts, this.#record.present.destinationHost, instanceUuid);
  }
}

/** A guest that was off stays off. */
export function startFrom(vmState: Instance['vmState']): 'power-on' | 'leave-off' {
  return vmState === 'stopped' ? 'leave-off' : 'power-on';
}
