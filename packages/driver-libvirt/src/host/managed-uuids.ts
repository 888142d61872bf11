/** Enough for every guest of a host; the oldest is forgotten, and asked for again when needed. */
const UUID_COUNT_MAX = 20_000;

/**
 * Remembers of which guests it is known that this driver made them. Only to know whose a guest was when it is gone and
 * nobody can be asked: its last event must still be told.
 */
export class ManagedUuids {
  readonly #uuids = new Set<string>();

  add(uuid: string): void {
    this.#uuids.delete(uuid);
    this.#uuids.add(uuid);
    const [oldest] = this.#uuids;
    if (this.#uuids.size > UUID_COUNT_MAX && oldest !== undefined) this.#uuids.delete(oldest);
  }

  has(uuid: string): boolean {
    return this.#uuids.has(uuid);
  }
}
