import { ComputeError } from '../driver/index.js';
import type { HostSession } from '../model/host-session.js';
import type { SessionRequest, SessionSeen } from '../store/compute-store.js';

/** Who looks after which host. */
export class SessionTable {
  readonly #sessions = new Map<string, HostSession>();
  readonly #now: () => number;

  constructor({ now }: { readonly now: () => number }) {
    this.#now = now;
  }

  epochOf(host: string): number | undefined {
    return this.#sessions.get(host)?.epoch;
  }

  see(host: string): SessionSeen | undefined {
    const session = this.#sessions.get(host);
    return session && { session, lease: session.leaseUntilMs > this.#now() ? 'lasting' : 'expired' };
  }

  open({ host, holder, leaseMs, takeOver, epochMin = 1 }: SessionRequest): HostSession {
    const last = this.see(host);
    if (last?.lease === 'lasting' && last.session.holder !== holder && takeOver !== 'at-once') {
      throw new ComputeError('HOST_TAKEN', { retryAfterMs: last.session.leaseUntilMs - this.#now() });
    }
    const epoch = Math.max((last?.session.epoch ?? 0) + 1, epochMin);
    return this.#keep({ host, holder, epoch, leaseUntilMs: this.#now() + leaseMs });
  }

  renew(session: HostSession, leaseMs: number): HostSession {
    this.#mustBePresent(session);
    return this.#keep({ ...session, leaseUntilMs: this.#now() + leaseMs });
  }

  close(session: HostSession): void {
    if (this.epochOf(session.host) === session.epoch) this.#keep({ ...session, leaseUntilMs: this.#now() });
  }

  #mustBePresent({ host, epoch }: HostSession): void {
    if (this.epochOf(host) !== epoch) throw new ComputeError('SESSION_LOST', {});
  }

  #keep(session: HostSession): HostSession {
    const kept = Object.freeze(session);
    this.#sessions.set(kept.host, kept);
    return kept;
  }
}
