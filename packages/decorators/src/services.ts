import type { ContextRef, ImageRef, InstanceRef, MigrationRef } from './entity.js';

/**
 * Where a class keeps what its decorators need. A symbol, so that the services stay out of the class's own vocabulary.
 *
 *     class ComputeManager {
 *       readonly [decoratorServices]: DecoratorServices;
 *     }
 */
export const decoratorServices: unique symbol = Symbol.for('virtkit.decorator-services');

export interface Offers<Services> {
  readonly [decoratorServices]: Services;
}

/** What a service may answer: nothing, now or later. */
export type Recorded = void | Promise<void>;

/**
 * Everything the decorators can ask for. Each decorator demands only its own part, checked at compile time; a class
 * that uses one decorator offers two or three of these.
 *
 * Any of them may fail or be slow. A recorder that fails is logged and attached to the first failure through
 * `failures.suppress`; it never replaces that failure, and never stops the work.
 */
export interface DecoratorServices {
  readonly log: Log;
  /** The host that does the work, as events, faults and notifications name it. */
  readonly host: string;
  readonly failures: Failures;
  readonly events: Events;
  readonly faults: Faults;
  readonly taskStates: TaskStates;
  readonly exceptions: Exceptions;
  readonly migrations: Migrations;
  readonly images: Images;
  /** The clock, in milliseconds since 1970. Without one it is `Date.now`. */
  now?(): number;
  /**
   * How long one recorder is waited for. One that has not settled by then counts as failed and is left to itself; the
   * call goes on. Without one it is 30,000; `Infinity` for recorders that always settle.
   */
  readonly recorderTimeoutMs?: number;
}

export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Tells failures apart, so that the decorators need to know nobody's error classes. */
export interface Failures {
  kindOf(failure: unknown): FailureKind;
  /** Attaches `secondary`, which went wrong `during` the recording of `failure`, to `failure`. */
  suppress?(failure: unknown, secondary: unknown, during: string): void;
}

/**
 * - `preempted`: another action owns the instance now (Nova's UnexpectedTaskState).
 * - `instance-gone`: there is no such instance any more.
 * - `image-gone`: there is no such image any more.
 * - `failure`: anything else, an abort included.
 */
export type FailureKind = 'preempted' | 'instance-gone' | 'image-gone' | 'failure';

export interface Events {
  start(step: InstanceStep): Recorded;
  /** Must stand alone: `start` may have failed, or its answer may have been lost. Write it as an upsert by `step.id`. */
  finish(step: InstanceStep, outcome: StepOutcome): Recorded;
}

/** One decorated method at work on one instance. */
export interface InstanceStep {
  /** A new UUID for every call, so that a method that runs twice in one action has two events. */
  readonly id: string;
  /** `compute_reboot_instance` for `rebootInstance` under the prefix `compute`. */
  readonly name: string;
  readonly instance: InstanceRef;
  readonly context: ContextRef | undefined;
  readonly host: string;
  readonly startedAtMs: number;
}

export type StepOutcome = { readonly result: 'Success' } | { readonly result: 'Error'; readonly failure: unknown };

export interface Faults {
  record(fault: InstanceFault): Recorded;
}

export interface InstanceFault {
  readonly instance: InstanceRef;
  readonly context: ContextRef | undefined;
  readonly failure: unknown;
  readonly host: string;
  readonly occurredAtMs: number;
}

export interface TaskStates {
  /**
   * Clears the task state. Write that one field, and only while it still is what the failed action set it to: by now
   * a newer action may have set its own.
   */
  revert(revert: TaskStateRevert): Recorded;
}

export interface TaskStateRevert {
  readonly instance: InstanceRef;
  readonly context: ContextRef | undefined;
  readonly failure: unknown;
}

export interface Exceptions {
  notify(notification: ExceptionNotification): Recorded;
}

export interface ExceptionNotification {
  readonly eventType: 'compute.exception';
  /** The host the method ran on. */
  readonly publisher: string;
  readonly className: string;
  readonly methodName: string;
  /** The failure itself, as it was thrown. Its text is for operators. */
  readonly failure: unknown;
  /** The arguments without the contexts, through `redact`. */
  readonly args: readonly unknown[];
  readonly instanceUuid?: string;
  readonly requestId?: string;
}

export interface Migrations {
  /** Sets the migration's status to error. */
  markError(failed: FailedMigration): Recorded;
}

export interface FailedMigration {
  readonly migration: MigrationRef;
  readonly instance: InstanceRef;
  readonly context: ContextRef | undefined;
  readonly failure: unknown;
}

export interface Images {
  delete(image: ImageRef, cause: FailedSnapshot): Recorded;
}

export interface FailedSnapshot {
  readonly instance: InstanceRef;
  readonly context: ContextRef | undefined;
  readonly failure: unknown;
}
