import type { ConnectionErrorReason, LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { CredentialsSource } from '../auth/credentials.js';
import type { Access } from '../transport/daemon-sockets.js';
import type { Dialer } from '../transport/transport.js';
import type { KeepaliveOptions } from './keepalive.js';

export interface RpcConnectionOptions {
  /**
   * As libvirt writes them: `qemu:///system`, the default, `qemu:///session`, `qemu+ssh://user@host/system`. It may name
   * programs to run, so take none from people who may not run programs.
   */
  readonly uri?: string;
  /** The daemon's unix socket on this machine, instead of how the URI reaches it. */
  readonly socketPath?: string;
  /** How to reach the daemon, instead of what the URI says. */
  readonly dial?: Dialer;
  /** Default `read-write`. */
  readonly access?: Access;
  /** Asked for a user name and a password when the daemon wants them (SASL). */
  readonly credentials?: CredentialsSource;
  /**
   * How many calls of low priority may be with the daemon at once; the others wait in line. Default 4: a daemon that
   * works on 5 calls of one connection stops reading from it, and when they take long it takes the silence for the end.
   */
  readonly window?: number;
  /** The same for calls of high priority, which have a line of their own. Default 4. */
  readonly priorityWindow?: number;
  /**
   * How many reads that the daemon answers from memory may be with it at once in each of the two lines, while it
   * answers and no other call is with it or waits; otherwise they share the windows. They are those of high priority,
   * domainGetInfo and domainGetXMLDesc. Default 64, or the `window` where one is given.
   */
  readonly quickWindow?: number;
  /** How many quick reads, and how many other calls, may wait in each of the two lines. Default 10,000. */
  readonly queueMax?: number;
  /** Default: every 5 s, five times. `off`: neither side asks the other for signs of life. */
  readonly keepalive?: KeepaliveOptions | 'off';
  /** The longest time for connecting, all steps together. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting. Has no effect on a connection that is open. */
  readonly signal?: AbortSignal;
}

/** Why a connection has ended. `error` is missing when this side has closed it. */
export interface ConnectionEnd {
  readonly reason: ConnectionErrorReason;
  readonly error?: LibvirtConnectionError;
}

/** @throws RangeError when a limit is no positive integer */
export function requirePositive(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`${name} must be an integer of at least 1, but is ${value}`);
}
