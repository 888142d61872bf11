import { EventEmitter } from 'eventemitter3';
import type { DriverLog } from '../driver/index.js';
import type { DriverEvent } from '../driver/index.js';
import type { PowerStateDeviation, UnknownGuest } from './deviation.js';
import type { HostSession } from './host-session.js';
import type { InstanceAction } from './instance-action.js';
import type { InstanceFault } from './instance-fault.js';
import type { Instance } from './instance.js';
import type { Migration } from './migration.js';
import type { NewNotification } from './notification.js';

/** What happens inside this process, for those who embed the manager. Told after the record of it is written. */
export interface ComputeEventMap {
  /** A record of an instance has changed; what it is now. */
  'instance.changed': (instance: Instance) => void;
  'action.changed': (action: InstanceAction) => void;
  'migration.changed': (migration: Migration) => void;
  /** Another process has taken this host over: this manager does nothing more. */
  'session.lost': (session: HostSession) => void;
  /** A guest was not as its record had it; what was done about it. */
  'power-state.deviated': (deviation: PowerStateDeviation) => void;
  /** The hypervisor has a guest that no instance of this host accounts for. Told once. */
  'guest.unknown': (guest: UnknownGuest) => void;
  'fault.recorded': (fault: InstanceFault) => void;
  'notification.appended': (notification: NewNotification) => void;
  /** The driver has told something; nothing has been made of it yet. */
  'driver.event': (event: DriverEvent) => void;
}

/**
 * The manager's events, typed. A listener that throws or rejects is logged and harms neither the manager nor the other listeners.
 * Listeners are called at once and must be quick.
 */
export class ComputeEvents {
  readonly #emitter = new EventEmitter();
  readonly #log: DriverLog;

  constructor({ log }: { readonly log: DriverLog }) {
    this.#log = log;
  }

  /** Listens until the returned function is called. */
  on<Name extends keyof ComputeEventMap>(name: Name, listener: ComputeEventMap[Name]): () => void {
    const report = (failure: unknown): void => this.#log.error({ err: failure, event: name }, 'a listener failed');
    const guarded = (argument: unknown): void => {
      try {
        const answer = (listener as (argument: unknown) => unknown)(argument);
        // An async function fits the type: it is told, and nobody waits for it.
        if (isThenable(answer)) void Promise.resolve(answer).catch(report);
      } catch (failure) {
        report(failure);
      }
    };
    this.#emitter.on(name, guarded);
    return () => {
      this.#emitter.off(name, guarded);
    };
  }

  emit<Name extends keyof ComputeEventMap>(name: Name, argument: Parameters<ComputeEventMap[Name]>[0]): void {
    this.#emitter.emit(name, argument);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
