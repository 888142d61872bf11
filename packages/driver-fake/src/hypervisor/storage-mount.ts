import type { FakeStorage } from './fake-storage.js';
import type { FakeDisk } from './guest-view.js';

const noDisks: readonly FakeDisk[] = [];

/**
 * Storage as one host sees it. Of what lies there the host holds what it made or was told to use; so an instance is no
 * business of a host that merely shares storage with the one that has it.
 */
export class StorageMount {
  readonly storage: FakeStorage;
  readonly #held = new Set<string>();

  constructor(storage: FakeStorage) {
    this.storage = storage;
  }

  get usedGib(): number {
    return this.storage.usedGib;
  }

  /** The disks that the host holds. */
  disksOf(key: string): readonly FakeDisk[] {
    return this.#held.has(key) ? this.storage.disksOf(key) : noDisks;
  }

  /** Puts these in the place of all disks under the key, and holds them. */
  setDisks(key: string, disks: readonly FakeDisk[]): void {
    this.storage.setDisks(key, disks);
    if (disks.length > 0) this.#held.add(key);
    else this.#held.delete(key);
  }

  /** Everything that lies under the key, held or not. */
  reach(key: string): readonly FakeDisk[] {
    return this.storage.disksOf(key);
  }

  /** From now on the host uses what lies there. */
  hold(key: string): void {
    if (this.reach(key).length > 0) this.#held.add(key);
  }

  /** The host uses it no more. It stays where it lies. */
  letGo(key: string): void {
    this.#held.delete(key);
  }
}
