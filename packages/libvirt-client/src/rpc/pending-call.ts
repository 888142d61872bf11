import { LibvirtAbortError, LibvirtTimeoutError } from '../errors/call-errors.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import type { CallLane } from './call-lane.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { LibvirtStream } from './libvirt-stream.js';

export interface CallSettlement {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** Called once, when the daemon is done with the call or never got it. It may be later than the settlement. */
  released?(): void;
}

/**
 * One call from `call()` to the daemon's reply.
 *
 * The caller may stop waiting before (abort, timeout), but a call that was sent cannot be taken back: it keeps its place
 * in its lane and its serial until the reply is in, which is then dropped.
 */
export class PendingCall {
  readonly procedure: AnyProcedure;
  readonly args: unknown;
  readonly lane: CallLane;
  readonly stream: LibvirtStream | undefined;
  readonly #settlement: CallSettlement;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #answered = false;
  serial: number | undefined;

  constructor(
    call: { procedure: AnyProcedure; args: unknown; lane: CallLane; stream?: LibvirtStream | undefined },
    options: CallOptions,
    settlement: CallSettlement,
  ) {
    this.procedure = call.procedure;
    this.args = call.args;
    this.lane = call.lane;
    this.stream = call.stream;
    this.#settlement = settlement;
    const { signal, timeoutMs } = options;
    if (signal !== undefined) {
      this.#signal = signal;
      this.#abort = () => this.#giveUp(new LibvirtAbortError(this.procedure.name, signal.reason, this.sent));
      signal.addEventListener('abort', this.#abort, { once: true });
    }
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#giveUp(this.#timeout(timeoutMs)), timeoutMs);
  }

  get sent(): boolean {
    return this.serial !== undefined;
  }

  /** False once the caller has been answered: what still comes is dropped. */
  get awaited(): boolean {
    return !this.#answered;
  }

  resolve(result: unknown): void {
    if (this.#stopWaiting()) this.#settlement.resolve(result);
  }

  reject(error: unknown): void {
    if (this.#stopWaiting()) this.#settlement.reject(error);
  }

  release(): void {
    this.#settlement.released?.();
  }

  #timeout(timeoutMs: number): LibvirtTimeoutError {
    return new LibvirtTimeoutError(this.procedure.name, timeoutMs, this.sent);
  }

  #giveUp(error: Error): void {
    this.reject(error);
    if (!this.sent) this.lane.remove(this);
  }

  #stopWaiting(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort);
    return true;
  }
}
