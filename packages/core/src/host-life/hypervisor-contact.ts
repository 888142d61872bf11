import type { Clock, DriverEvent, DriverLog } from '../driver/index.js';
import type { HypervisorState } from '../model/host-health.js';

/** Follows what the driver says of its hypervisor. A driver that says nothing is available, as `initHost` has resolved. */
export class HypervisorContact {
  readonly #log: DriverLog;
  #now: HypervisorState;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: DriverLog }) {
    this.#log = log;
    this.#now = { state: 'available', sinceMs: clock.now() };
  }

  get now(): HypervisorState {
    return this.#now;
  }

  handle({ type, occurredAtMs }: DriverEvent): void {
    if ((type !== 'available' && type !== 'unavailable') || type === this.#now.state) return;
    const lastedMs = Math.max(0, occurredAtMs - this.#now.sinceMs);
    this.#now = { state: type, sinceMs: occurredAtMs };
    if (type === 'unavailable') this.#log.warn({}, 'hypervisor unavailable');
    else this.#log.info({ lastedMs }, 'hypervisor available');
  }
}
