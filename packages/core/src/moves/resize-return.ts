import { ComputeError, isComputeError, type GuestInspection } from '../driver/index.js';
import type { InstanceTask } from '../manager/instance-task.js';
import type { WorkDone } from '../manager/operation-runner.js';
import { specOf, type Instance } from '../model/instance.js';
import type { GuestMoved, HostPeer } from '../peers/host-peer.js';
import type { MigrationRecord } from './migration-record.js';
import { endAt, type MoveParts } from './move-parts.js';
import { interfacesAt, withConnected } from './moved-devices.js';
import { startFrom } from './resize-move.js';
import { steadily } from './steadily.js';

/** A resized instance on its way back. The host that has it leads; every step may be repeated. */
export class ResizeReturn {
  readonly #parts: MoveParts;
  readonly #record: MigrationRecord;

  constructor(parts: MoveParts, record: MigrationRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  async carryOut(task: InstanceTask, signal: AbortSignal): Promise<WorkDone> {
    const { driver, half, records, clock } = this.#parts;
    const { sourceHost: host, oldFlavor: flavor } = this.#record.present;
    const { uuid: instanceUuid } = task.instance;
    const source = endAt(this.#parts, host, instanceUuid);
    task.undo.push('leave the resize to be confirmed or reverted', async () => {
      const here = await driver.inspect(instanceUuid);
      if (here.guest === 'present') await records.stage(task.context, [this.#record.to('finished')]);
    });
    await task.save({}, [this.#record.to('reverting')]);
    task.lookWith(() => driver.inspect(instanceUuid));
    if (this.#record.isBetweenHosts) {
      this.#mustHaveKept(task.instance, await source.inspect({ instanceUuid }, { signal }));
      // From here on there is no way but back: a wish to cancel comes too late.
      await steadily(clock, () => this.#unlessPreempted(signal, () => half.undoResize({ instanceUuid })));
    }
    const { powerState, blockDevices, networkInterfaces } = await steadily(clock, () =>
      this.#unlessPreempted(signal, () => this.#makeAgain(task.instance, source)),
    );
    const patch = {
      host,
      flavor,
      networkInterfaces,
      blockDevices: withConnected(task.instance.blockDevices, blockDevices),
    };
    return { powerState, patch, writes: [this.#record.to('reverted')] };
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
