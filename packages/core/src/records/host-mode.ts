import { ComputeError, isComputeError, type CallOptions } from '../driver/index.js';
import type { HostMode } from '../model/host-record.js';
import type { OperationName } from '../model/operation-table.js';
import type { Records } from './records.js';

/** Operations that may bring an instance to the host which carries them out. Moves ask their destination. */
export const arrivals: readonly OperationName[] = ['build', 'unshelve', 'evacuate'];

export interface HostModeOptions {
  readonly host: string;
  /** What counts until somebody sets one. */
  readonly configured: HostMode;
  readonly records: Records;
}

/** Whether a host takes new instances. What was set lasts: the next process begins with it, whatever it is configured to. */
export class HostModeSwitch {
  readonly #options: HostModeOptions;
  #mode: HostMode;

  constructor(options: HostModeOptions) {
    this.#options = options;
    this.#mode = options.configured;
  }

  get mode(): HostMode {
    return this.#mode;
  }

  /** Takes up the mode that was set last, by whichever process; `disabled` where its record is damaged. `undefined`: none ever was, and the configured one counts. */
  async recall(options?: CallOptions): Promise<HostMode | undefined> {
    try {
      const known = await this.#options.records.store.getHost(this.#options.host, options);
      if (known) this.#mode = known.mode;
      return known?.mode;
    } catch (failure) {
      if (!isComputeError(failure, 'RECORD_DAMAGED')) throw failure;
      // An operator has said something that nobody can read. Until it is said again the host takes nothing new, and looks after what it has.
      this.#mode = 'disabled';
      return this.#mode;
    }
  }

  /** Resolves when the mode is on record, and counts. @throws ComputeError `STORE_UNAVAILABLE`; the next process may begin with it then */
  async set(mode: HostMode, options?: CallOptions): Promise<void> {
    const { records, host } = this.#options;
    await records.commit([{ write: 'put-host', host: { host, mode } }], options);
    this.#mode = mode;
  }

  /** Before an instance comes to this host: by a build, an unshelve, or from another. @throws ComputeError `HOST_DISABLED` */
  refuseArrivals(operation: string): void {
    if (this.#mode !== 'enabled') throw new ComputeError('HOST_DISABLED', { operation, mode: this.#mode });
  }
}
