import { isDeepStrictEqual } from 'node:util';
import { ComputeError, isComputeError, type CallOptions } from '../driver/index.js';
import type { HostDescription, HostMode, HostRecord } from '../model/host-record.js';
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

/** Whether a host takes new instances, and what its record says of it. A mode that an operator has set also holds for later processes. */
export class HostModeSwitch {
  readonly #options: HostModeOptions;
  #mode: HostMode;
  #setBy: NonNullable<HostRecord['modeSetBy']> = 'configuration';
  #record: HostRecord | undefined;
  #isDamaged = false;

  constructor(options: HostModeOptions) {
    this.#options = options;
    this.#mode = options.configured;
  }

  get mode(): HostMode {
    return this.#mode;
  }

  /**
   * Takes up the mode that an operator has set last, and answers it; `disabled` where the record is damaged. `undefined`: none was ever set, and
   * the configured one holds.
   */
  async recall(options?: CallOptions): Promise<HostMode | undefined> {
    try {
      this.#record = await this.#options.records.store.getHost(this.#options.host, options);
    } catch (failure) {
      if (!isComputeError(failure, 'RECORD_DAMAGED')) throw failure;
      // An operator has said something that nobody can read. Until it is said again the host takes nothing new, and looks after what it has.
      this.#isDamaged = true;
      this.#mode = 'disabled';
      return this.#mode;
    }
    if (!this.#record || this.#record.modeSetBy === 'configuration') return undefined;
    this.#mode = this.#record.mode;
    this.#setBy = 'operator';
    return this.#mode;
  }

  /** Puts what the host says of itself on record, where that has changed. A damaged record stays until an operator sets the mode. */
  async describe(description: HostDescription, options?: CallOptions): Promise<void> {
    if (this.#isDamaged) return;
    const next = { ...this.#next(), description };
    if (!isDeepStrictEqual(next, this.#record)) await this.#put(next, options);
  }

  /** Resolves when the mode is on record, and counts. @throws ComputeError `STORE_UNAVAILABLE`; the next process may begin with it then */
  async set(mode: HostMode, options?: CallOptions): Promise<void> {
    await this.#put({ ...this.#next(), mode, modeSetBy: 'operator' }, options);
    this.#mode = mode;
    this.#setBy = 'operator';
    this.#isDamaged = false;
  }

  /** Before an instance comes to this host: by a build, an unshelve, or from another. @throws ComputeError `HOST_DISABLED` */
  refuseArrivals(operation: string): void {
    refuseArrival(this.#mode, operation);
  }

  #next(): HostRecord {
    const description = this.#record?.description;
    const { host } = this.#options;
    return { host, mode: this.#mode, modeSetBy: this.#setBy, ...(description && { description }) };
  }

  async #put(record: HostRecord, options?: CallOptions): Promise<void> {
    await this.#options.records.commit([{ write: 'put-host', host: record }], options);
    this.#record = record;
  }
}

/** @throws ComputeError `HOST_DISABLED` for a host that takes no new instances */
export function refuseArrival(mode: HostMode, operation: string): void {
  if (mode !== 'enabled') throw new ComputeError('HOST_DISABLED', { operation, mode });
}
