import { endForDeadHost } from '../dispatch/end-for-dead-host.js';
import { refusalToBegin } from '../dispatch/refusal-to-begin.js';
import type { Clock, DriverLog } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import type { Records } from '../records/records.js';

export interface DeadHostSweepOptions {
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** How many busy instances one round reads; the next round reads on from there. */
const INSTANCE_COUNT_MAX = 500;

/** How many actions one round ends. */
const END_COUNT_MAX = 100;

/**
 * Keeps the deadlines and cancels of actions that wait for hosts without a lasting lease: nobody there hears of them, and the manager that
 * accepted them may be dead as well. Every manager on the store does this, whose work in one round is bounded; the first to commit ends the
 * action, unless its host is back.
 */
export class DeadHostSweep {
  readonly #options: DeadHostSweepOptions;
  #afterUuid: string | undefined;

  constructor(options: DeadHostSweepOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, clock, log } = this.#options;
    let left = END_COUNT_MAX;
    for (const host of await this.#hosts(signal)) {
      const seen = await records.store.getSession(host, { signal });
      if (seen?.lease === 'lasting') continue;
      for (const action of await records.store.listUnfinishedActions(host, { signal })) {
        const refusal = refusalToBegin(action, clock.now());
        if (action.state !== 'queued' || !refusal) continue;
        if (left-- === 0) return;
        signal.throwIfAborted();
        try {
          await endForDeadHost(action, refusal, this.#options);
        } catch (failure) {
          log.error({ err: failure, actionUuid: action.uuid }, 'an action of a dead host could not be ended');
        }
      }
    }
  }

  /** The other hosts that the next busy instances are on, and that carry out what holds them. */
  async #hosts(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { records, host: ownHost } = this.#options;
    const from = this.#afterUuid === undefined ? {} : { afterUuid: this.#afterUuid };
    const query = { taskState: 'set', countMax: INSTANCE_COUNT_MAX, ...from } as const;
    const page = await records.store.listInstances(query, { signal });
    this.#afterUuid = page.length < INSTANCE_COUNT_MAX ? undefined : page.at(-1)?.uuid;
    const hosts = new Set<string>();
    for (const { host, taskOwner } of page) {
      if (host !== null) hosts.add(host);
      const holder = taskOwner === null ? undefined : await this.#action(taskOwner, signal);
      if (holder?.state === 'queued') hosts.add(holder.host);
    }
    hosts.delete(ownHost);
    return hosts;
  }

  async #action(uuid: string, signal: AbortSignal): Promise<InstanceAction | undefined> {
    try {
      return await this.#options.records.store.getAction(uuid, { signal });
    } catch (failure) {
      signal.throwIfAborted();
      this.#options.log.warn({ err: failure, actionUuid: uuid }, 'the holder of an instance could not be read');
      return undefined;
    }
  }
}
