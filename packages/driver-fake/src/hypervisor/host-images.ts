import type { Clock, SnapshotTarget } from '@virtkit/core/driver';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeStorage, StoredFile } from './fake-storage.js';

interface Capture extends SnapshotTarget {
  readonly file: StoredFile;
}

/** An image that the host keeps for the next spawn. */
export interface KeptImage {
  readonly imageId: string;
  readonly ageMs: number;
}

/** Images on the host: those it keeps for the next spawn, and those it makes of guests. */
export class HostImages {
  readonly #storage: FakeStorage;
  readonly #clock: Clock;
  readonly #keptSinceMs = new Map<string, number>();
  readonly #captures = new Map<string, Capture>();

  constructor(storage: FakeStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** @throws FakeHypervisorError `no-image`, `bad-image` */
  check(imageId: string): void {
    this.#storage.checkImage(imageId);
  }

  kept(): readonly KeptImage[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#keptSinceMs].map(([imageId, sinceMs]) => ({ imageId, ageMs: nowMs - sinceMs }));
  }

  keep(imageId: string): 'cached' | 'existing' {
    this.#storage.checkImage(imageId);
    if (this.#keptSinceMs.has(imageId)) return 'existing';
    this.#keptSinceMs.set(imageId, this.#clock.monotonicMs());
    return 'cached';
  }

  /** Not kept: nothing to do. */
  drop(imageId: string): void {
    this.#keptSinceMs.delete(imageId);
  }

  /** For a test: as if all had been kept for so much longer. */
  age(byMs: number): void {
    for (const [imageId, sinceMs] of this.#keptSinceMs) this.#keptSinceMs.set(imageId, sinceMs - byMs);
  }

  /** The instances of whose disks something is held. */
  get capturedUuids(): readonly string[] {
    return [...this.#captures.keys()];
  }

  captureOf(uuid: string): { readonly imageId: string } | undefined {
    const capture = this.#captures.get(uuid);
    return capture && { imageId: capture.imageId };
  }

  /** Holds what is on the root disk now. In the place of a capture that was begun before. */
  capture(uuid: string, target: SnapshotTarget): void {
    const root = this.#storage.disksOf(uuid).find(({ id }) => id === 'root');
    if (root === undefined)
      throw new FakeHypervisorError('refused', `domain ${uuid} has no disk to take a snapshot of`);
    const file = { sizeMib: root.sizeGib * 1024, content: root.content };
    this.#captures.set(uuid, { ...target, file });
  }

  /** Writes what was captured to its target. */
  copyCapture(uuid: string): void {
    const capture = this.#captures.get(uuid);
    if (capture === undefined) throw new FakeHypervisorError('refused', `no block job of domain ${uuid} is active`);
    this.#storage.writeImage(capture, capture.file);
  }

  /** None: nothing to do. */
  dropCapture(uuid: string): void {
    this.#captures.delete(uuid);
  }

  /** No file: nothing to do. */
  removeFile(path: string): void {
    this.#storage.removeFile(path);
  }
}
