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

/**
 * The driver may have missed events: a connection was lost and is back. The manager compares every guest with its
 * record.
 */
export interface ResyncEvent {
  readonly type: 'resync';
  readonly occurredAtMs: number;
}

export type DriverEvent = LifecycleEvent | ResyncEvent;

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
