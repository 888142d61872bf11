import { ComputeError, type Clock, type DriverLog, type GuestInspection } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';

export interface QuarantineOptions {
  readonly driver: Pick<GuestDriver, 'inspectAny'>;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/**
 * Makes the records say what is true, once the driver has told what it finds under the uuid, whichever guest that is. What settles it may be to do the operation again, which must not be refused
 * for this: then it is released first. Otherwise nobody else may touch it until it is settled.
 */
export type SettleKnown = (instanceUuid: string, guest: GuestInspection, release: () => void) => Promise<void>;

/** Quick enough for an operator who waits, slow enough for a hypervisor that is down. */
const retryDelaysMs = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Instances of which nobody knows what became of them: a call did not settle, or its answer was lost, and the driver could
 * not be asked since. They are left alone, all but deletion, while the driver is asked again and again; the rest of the host
 * goes on.
 */
export class Quarantine {
  readonly #options: QuarantineOptions;
  readonly #held = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #settleKnown: SettleKnown = () => Promise.resolve();

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  /** What is done for an instance when the driver has told at last what is true of it. Named before the first is held. */
  settleWith(settleKnown: SettleKnown): void {
    this.#settleKnown = settleKnown;
  }

  get instanceUuids(): readonly string[] {
    return [...this.#held.keys()];
  }

  holds(instanceUuid: string): boolean {
    return this.#held.has(instanceUuid);
  }

  /** @throws ComputeError `INSTANCE_QUARANTINED` */
  refuse(instanceUuid: string, operation: string): void {
    if (this.#held.has(instanceUuid)) throw new ComputeError('INSTANCE_QUARANTINED', { instanceUuid, operation });
  }

  /** Sets an instance aside until the driver has told what is true of it. Idempotent. */
  hold(instanceUuid: string): void {
    if (this.#held.has(instanceUuid) || this.#closing.signal.aborted) return;
    this.#options.log.error({ instanceUuid }, 'an instance is set aside until the driver tells what is true of it');
    const settled = Promise.withResolvers<void>();
    this.#held.set(instanceUuid, settled.promise);
    settled.resolve(this.#ask(instanceUuid, settled.promise));
  }

  /** Ends it early: the instance was deleted. */
  release(instanceUuid: string): void {
    this.#held.delete(instanceUuid);
  }

  /** Stops asking. The instances stay as their records have them. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#held.values());
  }

  /** It may have been set aside anew meanwhile. */
  #releaseFrom(instanceUuid: string, asking: Promise<void>): void {
    if (this.#held.get(instanceUuid) === asking) this.#held.delete(instanceUuid);
  }

  async #ask(instanceUuid: string, asking: Promise<void>): Promise<void> {
    const { driver, clock, log } = this.#options;
    const { signal } = this.#closing;
    for (let nth = 0; this.#held.has(instanceUuid) || nth === 0; nth++) {
      try {
        await clock.sleep(retryDelaysMs[Math.min(nth, retryDelaysMs.length - 1)] ?? 0, { signal });
        if (!this.#held.has(instanceUuid)) return;
        const guest = await driver.inspectAny({ instanceUuid }, { signal });
        const release = (): void => this.#releaseFrom(instanceUuid, asking);
        await this.#settleKnown(instanceUuid, guest, release);
        release();
        log.info({ instanceUuid }, 'an instance is no longer set aside');
        return;
      } catch (failure) {
        if (signal.aborted) return;
        if (!this.#held.has(instanceUuid)) this.#held.set(instanceUuid, asking);
        log.warn({ err: failure, instanceUuid }, 'the driver cannot tell yet what is true of an instance');
      }
    }
  }
}
