/**
 * Why there is no connection:
 * - `unreachable`: nothing accepts connections where the URI leads
 * - `authentication`: one side does not believe the other; a certificate, a password, ssh or polkit. The message says
 *   what to do
 * - `timeout`: connecting took longer than allowed
 * - `lost`: the peer hung up, or the socket failed
 * - `silent`: the peer answered no keepalive
 * - `protocol`: the peer sent what is no libvirt protocol
 * - `closed`: this side has closed the connection
 */
export type ConnectionErrorReason =
  'unreachable' | 'authentication' | 'timeout' | 'lost' | 'silent' | 'protocol' | 'closed';

/**
 * There is no connection (any more).
 *
 * For a call, `sent` tells what that means: `false` — it never left, so it was not done and may be made again; `true` —
 * it may or may not have been done. Then ask the daemon what is true before anything is done twice.
 */
export class LibvirtConnectionError extends Error {
  override readonly name = 'LibvirtConnectionError';
  readonly reason: ConnectionErrorReason;
  readonly sent: boolean;
  /** The procedure that was called, if any was. */
  readonly procedure: string | undefined;

  constructor(
    message: string,
    facts: { readonly reason: ConnectionErrorReason; readonly sent: boolean; readonly procedure?: string },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = facts.reason;
    this.sent = facts.sent;
    this.procedure = facts.procedure;
  }

  /** The same failure, as one of the calls sees it that it has ended. */
  forCall(procedure: string, sent: boolean): LibvirtConnectionError {
    const outcome = sent ? 'it was sent, its outcome is unknown' : 'it was not sent';
    const facts = { reason: this.reason, sent, procedure };
    return new LibvirtConnectionError(`${procedure}: ${this.message}; ${outcome}`, facts, { cause: this });
  }
}
