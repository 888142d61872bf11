import type { CallOptions } from '@virtkit/core/driver';
import type { HostDisks, NewDisk } from '../host-disks.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about the disks that the host makes for its guests. */
export class DiskSteps {
  readonly #steps: StepRunner;
  readonly #disks: HostDisks;

  constructor(steps: StepRunner, disks: HostDisks) {
    this.#steps = steps;
    this.#disks = disks;
  }

  create(uuid: string, disk: NewDisk, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('createDisk', uuid, options, () => this.#disks.create(uuid, disk));
  }

  remove(uuid: string, diskId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('removeDisk', uuid, options, () => this.#disks.remove(uuid, diskId));
  }
}
