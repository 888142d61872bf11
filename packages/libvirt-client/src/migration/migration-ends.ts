import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { TypedParameter } from '../wire/typed-parameter-codec.js';
import type { Sighting } from './guest-place.js';
import type { JobStats } from './job-stats.js';

/** What the daemons tell each other through the client. Its content is theirs. */
export type Cookie = Uint8Array;
export type Parameters = readonly TypedParameter[];
/** 1: the other end has failed, undo. 0: go on. */
export type Cancelled = 0 | 1;

/** Values of DomainState and of the matching `Domain…Reason`. */
export interface StateAndReason {
  readonly state: number;
  readonly reason: number;
}

/** What is asked of either end, besides the steps. */
export interface MigrationEnd {
  /** Asks what is true of the guest now, over another connection if this one is gone. Never rejects. */
  look(): Promise<Sighting>;
  /** Closes the connection, at which the daemon ends what was begun on it. Idempotent; never rejects. */
  hangUp(): Promise<void>;
  /** Aborted, with the reason, when the connection is lost. */
  readonly lost: AbortSignal;
}

/** The steps of a migration, version 3 with typed parameters, that the source takes. Each has its own time limit. */
export interface MigrationSource extends MigrationEnd {
  begin(params: Parameters, flags: number): Promise<{ readonly cookie: Cookie; readonly xml: string }>;
  /** The long one, without a limit. `peerUri` is `null` unless the daemons migrate by themselves. */
  perform(peerUri: string | null, params: Parameters, cookie: Cookie, flags: number): Promise<Cookie>;
  confirm(params: Parameters, cookie: Cookie, flags: number, cancelled: Cancelled): Promise<void>;
  getState(): Promise<StateAndReason>;
  getJobStats(): Promise<JobStats>;
  abortJob(): Promise<void>;
  resume(): Promise<void>;
}

/** The steps that the destination takes. */
export interface MigrationDestination extends MigrationEnd {
  prepare(
    params: Parameters,
    cookie: Cookie,
    flags: number,
  ): Promise<{ readonly cookie: Cookie; readonly uri: string | null }>;
  finish(
    params: Parameters,
    cookie: Cookie,
    flags: number,
    cancelled: Cancelled,
  ): Promise<{ readonly domain: RemoteDomain; readonly cookie: Cookie }>;
  /**
   * Resolves when the daemon has nothing more under way that could end the guest, and it is still there: a finish that
   * was not answered may be at it, or the removal of what was begun for a connection that is gone.
   */
  outlastJobs(): Promise<void>;
}
