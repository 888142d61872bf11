import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Migration } from '../model/migration.js';
import { cleanUpAfter } from './clean-up-moves.js';
import type { MoveParts } from './move-parts.js';
import { untilDone } from './until-done.js';

export interface MoveSweeperParts extends MoveParts {
  readonly lanes: InstanceLanes;
}

/** More moves than these do not fail at once but for a cause that somebody is looking at; the rest waits for the host's next start. */
const SWEPT_COUNT_MAX = 1_000;

/**
 * Removes what a move that is over has left on this host. Whoever led it may not have been able to; each host looks after itself, as soon
 * as it hears that the move is over.
 */
export class MoveSweeper {
  readonly #parts: MoveSweeperParts;
  readonly #sweeping = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(parts: MoveSweeperParts) {
    this.#parts = parts;
  }

  /** A move has another status now. Returns at once. */
  heed(migration: Migration): void {
    if (migration.status === 'failed' || migration.status === 'cancelled') this.sweep(migration);
  }

  /** Tries until it is removed. Returns at once. */
  sweep(migration: Migration): void {
    const { uuid } = migration;
    if (this.#closing.signal.aborted || this.#sweeping.has(uuid) || this.#sweeping.size >= SWEPT_COUNT_MAX) return;
    const swept = this.#untilSwept(migration).finally(() => this.#sweeping.delete(uuid));
    this.#sweeping.set(uuid, swept);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#sweeping.values());
  }

  async #untilSwept(migration: Migration): Promise<void> {
    const { lanes, clock, log } = this.#parts;
    const { uuid: migrationUuid, instanceUuid } = migration;
    const { signal } = this.#closing;
    const onFailure = (failure: unknown): void =>
      log.warn({ err: failure, instanceUuid, migrationUuid }, 'what a move has left here could not be removed yet');
    const entry = { instanceUuid, operation: 'move', manner: 'wait' as const, signal };
    await untilDone({ clock, signal, onFailure }, () => lanes.enter(entry, () => cleanUpAfter(migration, this.#parts)));
  }
}
