/**
 * The right of this manager to change its host. A manager holds the host under a lease, which it renews; another manager may take the host
 * when the lease has run out. A driver asks the fence before each effect, in its undo too, because a process that was paused for longer than
 * the lease does not notice the pause.
 */
export interface DriverFence {
  /** The number of the lease: higher with every manager that takes the host. 0 before this manager has taken it. */
  readonly epoch: number;

  /**
   * Asks for one effect. Once it has resolved, the lease lasted a moment ago: send one request now, and ask again before the next.
   *
   * - While the lease lasts, it resolves at once.
   * - When the lease has run out and nobody has taken the host, because the store is away, it waits until the lease is renewed.
   * - When the wall clock says that the lease is over and the monotonic clock does not, the machine has slept: the lease is renewed first.
   *
   * It may be asked any number of times. Aborted while it waits, it rejects with the reason of the signal.
   *
   * @throws ComputeError `SESSION_LOST` once another manager has taken the host, and for ever after. A driver that is told so sends nothing
   * more and undoes nothing: its call rejects with this error, effect `none`, when it had not changed anything, and with `OUTCOME_UNKNOWN`
   * when it had
   */
  pass(signal?: AbortSignal): Promise<void>;
}
