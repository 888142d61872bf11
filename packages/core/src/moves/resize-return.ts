import { ComputeError, isComputeError, suppress, type GuestInspection, type PowerState } from '../driver/index.js';
import { specOf, type Instance, type InstancePatch } from '../model/instance.js';
import { leaveUnsettled } from '../model/unsettled.js';
import type { GuestMoved, HostPeer } from '../peers/host-peer.js';
import { vmStateSeen } from '../runner/goal-state.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { WorkDone } from '../runner/operation-runner.js';
import type { MigrationRecord } from './migration-record.js';
import { endAt, type MoveParts } from './move-parts.js';
import { interfacesAt, withConnected } from './moved-devices.js';
import { startFrom } from './resize-move.js';
import type { SettledMove } from './settled-move.js';
import { steadily } from './steadily.js';

/** A resized instance on its way back. The host that has it leads; every step may be repeated. */
export class ResizeReturn {
  readonly #parts: MoveParts;
  readonly #record: MigrationRecord;

  constructor(parts: MoveParts, record: MigrationRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  /** Once the resized guest is given up there is no way but back: what cannot be done now is tried again until it is. */
  async carryOut(task: InstanceTask, signal: AbortSignal): Promise<WorkDone> {
    const { driver, records } = this.#parts;
    await task.save({}, [this.#record.to('reverting')]);
    task.lookWith(() => driver.inspect({ instance: this.#record.guest }));
    try {
      const { powerState, patch } = await this.#goBack(task.instance, signal);
      return { powerState, patch, writes: [this.#record.to('reverted')] };
    } catch (failure) {
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      if (await this.#isStillResized(failure)) {
        task.undo.push('leave the resize to be confirmed or reverted', () =>
          records.stage(task.context, [this.#record.to('finished')]),
        );
      } else leaveUnsettled(failure);
      throw failure;
    }
  }

  /** Goes on where it was cut off. Rejects while an end does not answer. */
  async settle(instance: Instance): Promise<SettledMove> {
    const { powerState, patch } = await this.#goBack(instance, new AbortController().signal);
    const vmState = vmStateSeen({ powerState, savedMemory: 'absent' });
    return { end: 'returned', vmState, powerState, patch, writes: [this.#record.to('reverted')] };
  }

  async #goBack(
    instance: Instance,
    signal: AbortSignal,
  ): Promise<{ readonly powerState: PowerState; readonly patch: InstancePatch }> {
    const { driver, half } = this.#parts;
    const { sourceHost: host, oldFlavor: flavor } = this.#record.present;
    const { uuid: instanceUuid } = instance;
    const source = endAt(this.#parts, host, instanceUuid);
    if (this.#record.isBetweenHosts) {
      const here = await driver.inspect({ instance: this.#record.guest }, { signal });
      if (here.guest === 'present') this.#mustHaveKept(instance, await source.inspect(this.#record.asked, { signal }));
      // From here on a wish to cancel comes too late.
      await steadily(this.#parts, () => this.#unlessPreempted(signal, () => half.undoResize(this.#record.asked)));
    }
    const { powerState, blockDevices, networkInterfaces } = await steadily(this.#parts, () =>
      this.#unlessPreempted(signal, () => this.#makeAgain(instance, source)),
    );
    const devices = withConnected(instance.blockDevices, blockDevices);
    return { powerState, patch: { host, flavor, networkInterfaces, blockDevices: devices } };
  }

  /** On one host a guest that was resized looks like one that was not. */
  async #isStillResized(failure: unknown): Promise<boolean> {
    if (!this.#record.isBetweenHosts) return false;
    try {
      return (await this.#parts.driver.inspect({ instance: this.#record.guest })).guest === 'present';
    } catch (secondary) {
      suppress(failure, secondary, 'find out whether the resized guest is there');
      return false;
    }
  }

  async #makeAgain(instance: Instance, source: HostPeer): Promise<GuestMoved & Pick<Instance, 'networkInterfaces'>> {
    const { sourceHost, oldFlavor: flavor, vmStateBefore } = this.#record.present;
    const { uuid: instanceUuid } = instance;
    const networkInterfaces = this.#record.isBetweenHosts
      ? await interfacesAt(instance, sourceHost, this.#parts.providers)
      : instance.networkInterfaces;
    const spec = { ...specOf(instance), networkInterfaces, flavor };
    const back = await source.revertResize({ instanceUuid, instance: spec, start: startFrom(vmStateBefore) });
    return { ...back, networkInterfaces };
  }

  /** The resized guest is not given up for one that is no more. */
  #mustHaveKept({ uuid: instanceUuid, image }: Instance, { guest, belongings }: GuestInspection): void {
    if (guest === 'present' || belongings.length > 0 || image.location.disk === undefined) return;
    const operator = { message: 'the source has kept nothing of the instance' };
    throw new ComputeError('MIGRATION_FAILED', { instanceUuid }, { effect: 'none', operator });
  }

  async #unlessPreempted<Value>(signal: AbortSignal, step: () => Promise<Value>): Promise<Value> {
    if (isComputeError(signal.reason, 'UNEXPECTED_TASK_STATE')) throw signal.reason;
    return await step();
  }
}
