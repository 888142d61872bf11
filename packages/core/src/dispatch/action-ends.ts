import type { Clock, DriverLog } from '../driver/index.js';
import { isFinished, type InstanceAction } from '../model/instance-action.js';
import type { Records } from '../records/records.js';
import { endForDeadHost } from './end-for-dead-host.js';
import { refusalToBegin } from './refusal-to-begin.js';

export interface ActionEndsDeps {
  /** Who writes the end of an action whose host is dead. */
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** Resolves when an action that this process carries out is settled here; `undefined` for any other action. */
  readonly settledHere?: (actionUuid: string) => Promise<void> | undefined;
}

/** How often the end of an action is looked for that another process carries out, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** Waits for the ends of actions, whichever process carries them out. All who wait for one action share its reads. */
export class ActionEnds {
  readonly #deps: ActionEndsDeps;
  readonly #waiting = new AbortController();
  readonly #awaited = new Map<string, Promise<InstanceAction>>();
  #lookUntilMs = Infinity;

  constructor(deps: ActionEndsDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves with an action when it has finished. Never rejects: it asks until the store answers. When this stops, it resolves with the action as
   * the record has it: an action that is not finished goes on elsewhere.
   */
  async finished(action: InstanceAction): Promise<InstanceAction> {
    if (isFinished(action)) return action;
    const { uuid } = action;
    let awaited = this.#awaited.get(uuid);
    if (!awaited) {
      awaited = this.#look(action).finally(() => this.#awaited.delete(uuid));
      this.#awaited.set(uuid, awaited);
    }
    return await awaited;
  }

  /** Looks no longer than this from now on. */
  stopAfter(ms: number): void {
    this.#lookUntilMs = this.#deps.clock.monotonicMs() + ms;
  }

  /** Resolves everything that waits with what is known. Idempotent. */
  stop(): void {
    this.#waiting.abort();
  }

  async #look(action: InstanceAction): Promise<InstanceAction> {
    const { records, clock, log, settledHere } = this.#deps;
    const { signal } = this.#waiting;
    for (let latest = action; ;) {
      await settledHere?.(action.uuid);
      try {
        latest = await records.store.getAction(action.uuid);
        const refusal = refusalToBegin(latest, clock.now());
        if (refusal && (await endForDeadHost(latest, refusal, this.#deps))) continue;
      } catch (failure) {
        log.warn({ err: failure, actionUuid: action.uuid }, 'the state of an action could not be read');
      }
      if (isFinished(latest) || signal.aborted || clock.monotonicMs() >= this.#lookUntilMs) return latest;
      await clock.sleep(LOOK_EVERY_MS, { signal }).catch(() => undefined);
    }
  }
}
