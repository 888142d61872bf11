import type { CallOptions } from '@virtkit/core/driver';
import type { HostVifs } from '../host-vifs.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about the host's ends of network interfaces. */
export class VifSteps {
  readonly #steps: StepRunner;
  readonly #vifs: HostVifs;

  constructor(steps: StepRunner, vifs: HostVifs) {
    this.#steps = steps;
    this.#vifs = vifs;
  }

  plug(uuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('plugVif', uuid, options, () => this.#vifs.plug(uuid, interfaceId));
  }

  unplug(uuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('unplugVif', uuid, options, () => this.#vifs.unplug(uuid, interfaceId));
  }
}
