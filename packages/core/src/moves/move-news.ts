import type { ComputeEvents } from '../compute-events.js';
import type { Migration } from '../model/migration.js';
import { endAt, type MoveParts } from './move-parts.js';

/**
 * Tells the other end of a move that its record has changed, so that it counts what the move takes of it. A word that gets lost harms
 * nobody: before it refuses anything a manager reads the records itself.
 */
export class MoveNews {
  readonly #parts: MoveParts;
  readonly #telling = new Set<Promise<void>>();
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
  async #tellOne(other: string, { uuid: migrationUuid, instanceUuid }: Migration): Promise<void> {
    const { log } = this.#parts;
    try {
      await endAt(this.#parts, other, instanceUuid).noteMove({ instanceUuid, migrationUuid });
    } catch (failure) {
      log.debug({ err: failure, peer: other, migrationUuid }, 'the other end of a move was not told of its record');
    }
  }
}
