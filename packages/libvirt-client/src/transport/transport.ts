/**
 * Who can read what is sent.
 * - `local`: nobody, it does not leave the machine
 * - `encrypted`: the other end only, and that is known to be the one that was asked for
 * - `unverified`: the other end only, whoever that is; it is not told a password
 * - `none`: everybody on the way; no login by password takes place
 */
export type Protection = 'local' | 'encrypted' | 'unverified' | 'none';

/**
 * A stream of bytes to the daemon and back. A connection knows nothing else of sockets, so anything that gives and takes
 * bytes in order can stand in for one.
 */
export interface Transport {
  /** Default `none`. */
  readonly protection?: Protection;
  /** Takes bytes for sending. They must not be changed afterwards. Does nothing once the transport has ended. */
  write(bytes: Buffer): void;
  /**
   * Takes whole packets for sending, cut into parts, without a copy of their bytes. Calls `taken` when the bytes were
   * handed to the system and may be changed again; not when the transport ends before. One that cannot do this leaves it out.
   */
  writeParts?(parts: readonly Uint8Array[], taken: () => void): void;
  /** Bytes taken and not yet handed to the system. */
  readonly bufferedBytes: number;
  /** Stops reading, until `resume`. Some bytes may still come. */
  pause(): void;
  resume(): void;
  /** Ends both directions at once and drops what was not sent. Idempotent. `ended` is still called, once. */
  destroy(): void;
}

/** Whom a transport tells what happens. Its methods do not throw. */
export interface TransportListener {
  /** The chunk is valid only until this returns. */
  received(chunk: Buffer): void;
  /** `bufferedBytes` has come down to 0. */
  drained(): void;
  /**
   * Called once: the peer has hung up, the transport has failed with `error`, or it was destroyed. A
   * `LibvirtConnectionError` is taken as it is.
   */
  ended(error: Error | undefined): void;
}

/** Connects. Rejects with a `LibvirtConnectionError` when it cannot. An aborted `signal` ends the attempt. */
export type Dialer = (listener: TransportListener, options: { readonly signal?: AbortSignal }) => Promise<Transport>;
