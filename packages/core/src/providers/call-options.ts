import type { CallOptions as Abortable } from '../driver/index.js';

/** Taken last by every call of a provider. */
export interface CallOptions extends Abortable {
  /**
   * The manager that calls. The manager gives it with every call, and a call without it is made by nobody's manager. A provider remembers,
   * durably, the highest epoch it has seen of each host, and refuses a change under a lower one with `SESSION_LOST`, effect `none`: a manager
   * that slept past its lease may have sent the call before it was replaced.
   */
  readonly leader?: Leader;
}

/** A manager by the host it looks after and the number of its lease. */
export interface Leader {
  readonly host: string;
  readonly epoch: number;
}
