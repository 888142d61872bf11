/** A call took longer than its `timeoutMs`. When it was `sent`, the daemon goes on with it: its outcome is unknown. */
export class LibvirtTimeoutError extends Error {
  override readonly name = 'LibvirtTimeoutError';
  readonly sent: boolean;
  readonly timeoutMs: number;
  readonly procedure: string;

  constructor(procedure: string, timeoutMs: number, sent: boolean) {
    // What is left of a deadline is a fraction, which tells nobody anything.
    const wholeMs = Math.ceil(timeoutMs);
    super(`${procedure}: no answer within ${wholeMs} ms; ${sent ? 'it was sent' : 'it was not sent'}`);
    this.procedure = procedure;
    this.timeoutMs = wholeMs;
    this.sent = sent;
  }
}

/**
 * The caller's signal was aborted; its reason is the `cause`. libvirt cannot take a call back: when it was `sent`, the
 * daemon goes on with it and its outcome is unknown.
 */
export class LibvirtAbortError extends Error {
  override readonly name = 'AbortError';
  readonly sent: boolean;
  readonly procedure: string;

  constructor(procedure: string, reason: unknown, sent: boolean) {
    super(`${procedure}: aborted; ${sent ? 'it was sent, its outcome is unknown' : 'it was not sent'}`, {
      cause: reason,
    });
    this.procedure = procedure;
    this.sent = sent;
  }
}

/** Too many calls wait already. This one was not sent. */
export class LibvirtQueueFullError extends Error {
  override readonly name = 'LibvirtQueueFullError';
  readonly sent = false;
  readonly queueMax: number;
  readonly procedure: string;

  constructor(procedure: string, queueMax: number) {
    super(`${procedure}: ${queueMax} calls wait already, which is the limit; it was not sent`);
    this.procedure = procedure;
    this.queueMax = queueMax;
  }
}
