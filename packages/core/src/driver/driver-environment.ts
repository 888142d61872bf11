import type { Clock } from './clock.js';
import type { DriverEvent } from './driver-event.js';
import type { DriverFence } from './driver-fence.js';
import type { ExternalEventInbox } from './external-event.js';

/** The four calls of a logger that a driver may use. pino fits; so does `console`-like code of your own. */
export interface DriverLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the manager gives to a driver. Nothing else of the manager is within its reach. */
export interface DriverEnvironment {
  /** The name of the host this driver serves, as the manager's records spell it. */
  readonly host: string;
  /** For operators: hypervisor words, paths and XML may go here. Secrets may not. */
  readonly log: DriverLog;
  readonly clock: Clock;
  /** Asked before each effect of a call, and of its undo. */
  readonly fence: DriverFence;
  readonly externalEvents: ExternalEventInbox;
  /** Tells the manager what happened. Returns at once and never throws: a listener's failure is not the driver's. */
  emit(event: DriverEvent): void;
}
