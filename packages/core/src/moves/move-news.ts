import type { ComputeEvents } from '../model/compute-events.js';
import { isOver, type Migration } from '../model/migration.js';
import { endAt, type MoveParts } from './move-parts.js';
import { untilDone } from './until-done.js';

/**
 * Tells the other end of a move that its record has changed, so that it counts what the move takes of it. A word that gets lost harms
 * nobody: before it refuses anything a manager reads the records itself. That a move is over is told until it is heard: then the other end
 * removes what is left of it there.
 */
export class MoveNews {
  readonly #parts: MoveParts;
  readonly #telling = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #stopListening: () => void = () => undefined;

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  open(events: ComputeEvents): void {
    this.#stopListening = events.on('migration.changed', (migration) => this.#tell(migration));
  }

  /** Waits for what is being told. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    await Promise.all(this.#telling);
  }

  #tell(migration: Migration): void {
    const { host } = this.#parts;
    const others = new Set([migration.sourceHost, migration.destinationHost].filter((each) => each !== host));
    for (const other of others) {
      const told = this.#tellOne(other, migration).finally(() => this.#telling.delete(told));
      this.#telling.add(told);
    }
  }

  /** Never rejects. */
  async #tellOne(other: string, migration: Migration): Promise<void> {
    const { clock, log } = this.#parts;
    const { uuid: migrationUuid, instanceUuid } = migration;
    const onFailure = (failure: unknown): void =>
      log.debug({ err: failure, peer: other, migrationUuid }, 'the other end of a move was not told of its record');
    const tell = (): Promise<void> => endAt(this.#parts, other, instanceUuid).noteMove({ instanceUuid, migrationUuid });
    if (isOver(migration)) await untilDone({ clock, signal: this.#closing.signal, onFailure }, tell);
    else await Promise.resolve().then(tell).catch(onFailure);
  }
}
