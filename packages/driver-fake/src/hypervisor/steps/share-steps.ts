import type { CallOptions, Share } from '@virtkit/core/driver';
import type { HostShares } from '../host-shares.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about directories of the host inside guests. */
export class ShareSteps {
  readonly #steps: StepRunner;
  readonly #shares: HostShares;

  constructor(steps: StepRunner, shares: HostShares) {
    this.#steps = steps;
    this.#shares = shares;
  }

  mount(uuid: string, share: Share, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('mountExport', uuid, options, () => this.#shares.mount(uuid, share));
  }

  unmount(uuid: string, shareId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('unmountExport', uuid, options, () => this.#shares.unmount(uuid, shareId));
  }
}
