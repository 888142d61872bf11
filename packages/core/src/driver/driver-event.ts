import type { PowerState } from './power-state.js';

/**
 * What happened to a guest without the manager having asked, or beside what it asked. A hint: the manager asks the
 * driver what is true before it acts.
 */
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  readonly instanceUuid: string;
  readonly transition: LifecycleTransition;
  /** Milliseconds since the epoch. */
  readonly occurredAtMs: number;
}

/** The driver may have missed events, such as after an overflow. The manager compares every guest with its record. */
export interface ResyncEvent {
  readonly type: 'resync';
  readonly occurredAtMs: number;
}

/**
 * - `unavailable`: the driver has lost the hypervisor, and connects anew by itself. Calls meanwhile reject with
 *   `HYPERVISOR_UNAVAILABLE`, or wait for the next attempt within their time.
 * - `available`: it has the hypervisor back. Calls work and events flow again; those in between may be missing, so the
 *   manager compares every guest with its record.
 *
 * The two take turns, and neither comes before `initHost` has resolved: a driver is available then.
 */
export interface AvailabilityEvent {
  readonly type: 'unavailable' | 'available';
  /** Milliseconds since the epoch. */
  readonly occurredAtMs: number;
}

export type DriverEvent = LifecycleEvent | ResyncEvent | AvailabilityEvent;

/** Nova's lifecycle transitions with the power state each implies. */
export const lifecycleTransitions = {
  started: 'RUNNING',
  stopped: 'SHUTDOWN',
  paused: 'PAUSED',
  resumed: 'RUNNING',
  suspended: 'SHUTDOWN',
  crashed: 'CRASHED',
  'postcopy-started': 'PAUSED',
  'migration-completed': 'PAUSED',
} as const satisfies Record<string, PowerState>;

export type LifecycleTransition = keyof typeof lifecycleTransitions;
