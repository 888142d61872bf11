import { isComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { HostSession } from '../model/host-session.js';
import type { ComputeStore, SessionRequest } from '../store/compute-store.js';

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

/**
 * This process's right to look after its host: taken at the start, renewed while it lives, given back at the end. Whoever is paused
 * for longer than the lease may have been replaced: from then on nothing is asked of the hypervisor until a renewal has said
 * that nobody came, and the store refuses whatever is written under an epoch that has passed.
 */
export class HostTenure {
  readonly #options: HostTenureOptions;
  #session: HostSession | undefined;
  /** By the monotonic clock, counted from before the store was asked: it never ends later than the store thinks. */
  #heldUntilMs = 0;
  #cancelTimer: () => void = () => undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: HostTenureOptions) {
    this.#options = options;
  }

  /** Whether the lease lasts, as far as this process can tell by itself. */
  get isHeld(): boolean {
    return this.#session !== undefined && this.#options.clock.monotonicMs() < this.#heldUntilMs;
  }

  /** The session, and how long its lease lasts at least, in milliseconds; `undefined` without one. */
  get held(): { readonly session: HostSession; readonly forMs: number } | undefined {
    const session = this.#session;
    return session && { session, forMs: Math.max(0, this.#heldUntilMs - this.#options.clock.monotonicMs()) };
  }

  /**
   * Takes the host, waiting for the lease of a predecessor that died to end.
   * @throws ComputeError `HOST_TAKEN` when its lease is renewed meanwhile: it lives
   */
  async begin(): Promise<HostSession> {
    const { clock, host, leaseMs, takeOver, store } = this.#options;
    const request = { host, holder: globalThis.crypto.randomUUID(), leaseMs, takeOver };
    const patienceUntilMs = clock.monotonicMs() + 2 * leaseMs;
    for (;;) {
      const askedMs = clock.monotonicMs();
      try {
        return this.#hold(await store.openSession(request), askedMs);
      } catch (failure) {
        if (!isComputeError(failure, 'HOST_TAKEN') || askedMs >= patienceUntilMs) throw failure;
        const { retryAfterMs } = failure.details as { readonly retryAfterMs: number };
        await clock.sleep(Math.min(Math.max(retryAfterMs, 1), leaseMs));
      }
    }
  }

  /** Gives the host back. Idempotent; never rejects. */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#cancelTimer();
    await this.#renewing;
    if (!session) return;
    try {
      await this.#options.store.closeSession(session);
    } catch (failure) {
      this.#options.log.warn({ err: failure }, 'the session could not be closed; its lease will end by itself');
    }
  }

  #hold(session: HostSession, askedMs: number): HostSession {
    const { clock, leaseMs } = this.#options;
    this.#session = session;
    this.#heldUntilMs = askedMs + leaseMs;
    this.#cancelTimer = clock.after(leaseMs / RENEWALS_PER_LEASE, () => {
      this.#renewing = this.#renew(session);
    });
    return session;
  }

  async #renew(session: HostSession): Promise<void> {
    const { clock, leaseMs, store, log, onLost } = this.#options;
    const askedMs = clock.monotonicMs();
    try {
      const renewed = await store.renewSession(session, leaseMs);
      if (this.#session) this.#hold(renewed, askedMs);
    } catch (failure) {
      if (!this.#session) return;
      if (isComputeError(failure, 'SESSION_LOST')) {
        log.error({ host: session.host, epoch: session.epoch }, 'another process has taken this host over');
        this.#session = undefined;
        onLost(session);
        return;
      }
      log.warn({ err: failure }, 'the session of this host could not be renewed; trying again');
      this.#cancelTimer = clock.after(leaseMs / RENEWALS_PER_LEASE, () => {
        this.#renewing = this.#renew(session);
      });
    }
  }
}
