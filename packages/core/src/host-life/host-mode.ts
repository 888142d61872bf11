import { ComputeError } from '../driver/index.js';
import type { OperationName } from '../model/operation-table.js';

export const hostModes = ['enabled', 'disabled', 'maintenance'] as const;

/** `disabled`: it takes no new instance, and goes on with those it has. `maintenance`: the same, and the hypervisor is told. */
export type HostMode = (typeof hostModes)[number];

/** Operations that may bring an instance to the host which carries them out. Moves ask their destination. */
export const arrivals: readonly OperationName[] = ['build', 'unshelve', 'evacuate'];

/**
 * Whether a host takes new instances. It is this process's: it begins as the configuration says, so that whoever wants it to outlive the
 * process keeps it there.
 */
export class HostModeSwitch {
  #mode: HostMode;

  constructor(mode: HostMode) {
    this.#mode = mode;
  }

  get mode(): HostMode {
    return this.#mode;
  }

  set(mode: HostMode): void {
    this.#mode = mode;
  }

  /** Before an instance comes to this host: by a build, an unshelve, or from another. @throws ComputeError `HOST_DISABLED` */
  refuseArrivals(operation: string): void {
    if (this.#mode !== 'enabled') throw new ComputeError('HOST_DISABLED', { operation, mode: this.#mode });
  }
}
