/**
 * A manager's right to look after a host, for a while. There is one at a time, and every one has a higher epoch than the last: who
 * comes back after a pause writes with an old epoch, and the store refuses it.
 */
export interface HostSession {
  readonly host: string;
  /** Higher with every session of the host. */
  readonly epoch: number;
  /** Tells the processes apart that ask for the same host; a uuid. */
  readonly holder: string;
  /** When it ends unless it is renewed, by the store's clock. */
  readonly leaseUntilMs: number;
}
