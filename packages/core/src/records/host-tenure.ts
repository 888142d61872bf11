import { ComputeError, isComputeError, type Clock, type DriverFence, type DriverLog } from '../driver/index.js';
import type { HostSession } from '../model/host-session.js';
import type { ComputeStore, SessionRequest } from '../store/compute-store.js';
import { beforeAbort } from './before-abort.js';
import { LeaseEnd } from './lease-end.js';

export interface HostTenureOptions {
  readonly host: string;
  readonly leaseMs: number;
  readonly takeOver: SessionRequest['takeOver'];
  readonly store: ComputeStore;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** Called once, when another process has taken the host over. */
  readonly onLost: (session: HostSession) => void;
}

/** A lease is renewed this often within its length, so that one lost renewal loses nothing. */
const RENEWALS_PER_LEASE = 3;
/** How soon a store that could not renew the lease is asked again, in milliseconds: operations wait for it. */
const RETRY_MS = 1_000;

/**
 * This process's lease of its host: taken at the start, renewed while the process lives, given back at the end. It is the fence of every
 * change: of the driver's by the driver's environment, of the manager's and the providers' by their guards. The store refuses what is
 * written under an epoch that has passed.
 */
export class HostTenure implements DriverFence {
  readonly #options: HostTenureOptions;
  #session: HostSession | undefined;
  #epoch = 0;
  #end: LeaseEnd;
  #isLost = false;
  #cancelTimer: () => void = () => undefined;
  /** The renewal that is under way. */
  #renewing: Promise<void> | undefined;
  /** The last renewal has failed, and the next one is on the timer. */
  #isFailing = false;
  /** Resolves when the lease is renewed, lost or given back: a waiting call then looks again. */
  #changed = Promise.withResolvers<void>();

  constructor(options: HostTenureOptions) {
    this.#options = options;
    this.#end = LeaseEnd.past(options.clock);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the lease lasts, as far as this process can tell by itself. */
  get isHeld(): boolean {
    return this.#session !== undefined && this.#end.remainingMs > 0;
  }

  /** Whether another process has taken the host. A lease that has only run out is not lost. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The session, and how long its lease lasts at least, in milliseconds; `undefined` without one. */
  get held(): { readonly session: HostSession; readonly forMs: number } | undefined {
    const session = this.#session;
    return session && { session, forMs: this.#end.remainingMs };
  }

  async pass(signal?: AbortSignal): Promise<void> {
    while (!this.isHeld) {
      if (!this.#session) throw new ComputeError('SESSION_LOST', {});
      if (!this.#isFailing) this.#renewNow();
      await beforeAbort(this.#changed.promise, signal);
    }
  }

  /** The store has refused what this process has written: asks at once whether another process has taken the host. */
  recheck(): void {
    if (this.#session) this.#renewNow();
  }

  /**
   * Takes the host, waiting for the lease of a predecessor that died to end.
   * @throws ComputeError `HOST_TAKEN` when its lease is renewed meanwhile: it lives
   */
  async begin(): Promise<HostSession> {
    const { clock, host, leaseMs, takeOver, store, log } = this.#options;
    const holder = globalThis.crypto.randomUUID();
    const patienceUntilMs = clock.monotonicMs() + 2 * leaseMs;
    for (;;) {
      const end = new LeaseEnd(clock, leaseMs);
      try {
        // Records that were lost or restored must not count epochs again that the host and its providers have seen.
        const epochMin = Math.max(1, Math.floor(clock.now()));
        const session = await store.openSession({ host, holder, leaseMs, takeOver, epochMin });
        this.#epoch = session.epoch;
        this.#hold(session, end);
        return session;
      } catch (failure) {
        if (!isComputeError(failure, 'HOST_TAKEN') || clock.monotonicMs() >= patienceUntilMs) throw failure;
        const { retryAfterMs } = failure.details as { readonly retryAfterMs: number };
        log.warn({ host, retryAfterMs }, 'waiting for the lease of another process');
        await clock.sleep(Math.min(Math.max(retryAfterMs, 1), leaseMs));
      }
    }
  }

  /** Gives the host back. Idempotent; never rejects. */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#cancelTimer();
    this.#tellChange();
    await this.#renewing;
    if (!session) return;
    try {
      await this.#options.store.closeSession(session);
    } catch (failure) {
      this.#options.log.warn({ err: failure }, 'the session could not be closed; its lease will end by itself');
    }
  }

  #hold(session: HostSession, end: LeaseEnd): void {
    this.#session = session;
    this.#end = end;
    this.#isFailing = false;
    this.#renewAfter(this.#options.leaseMs / RENEWALS_PER_LEASE);
    this.#tellChange();
  }

  #renewAfter(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#renewNow());
  }

  /** One renewal at a time. */
  #renewNow(): void {
    const session = this.#session;
    if (this.#renewing || !session) return;
    this.#cancelTimer();
    this.#renewing = this.#renew(session).finally(() => {
      this.#renewing = undefined;
    });
  }

  /** Never rejects. */
  async #renew(session: HostSession): Promise<void> {
    const { clock, leaseMs, store, log, onLost } = this.#options;
    const end = new LeaseEnd(clock, leaseMs);
    try {
      const renewed = await store.renewSession(session, leaseMs);
      if (this.#session) this.#hold(renewed, end);
    } catch (failure) {
      if (!this.#session) return;
      if (isComputeError(failure, 'SESSION_LOST')) {
        log.error({ host: session.host, epoch: session.epoch }, 'another process has taken this host over');
        this.#session = undefined;
        this.#isLost = true;
        this.#tellChange();
        onLost(session);
        return;
      }
      log.warn({ err: failure }, 'the session of this host could not be renewed; trying again');
      this.#isFailing = true;
      this.#renewAfter(Math.min(leaseMs / RENEWALS_PER_LEASE, RETRY_MS));
    }
  }

  #tellChange(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}
