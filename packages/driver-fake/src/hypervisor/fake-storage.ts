import type { SnapshotTarget } from '@virtkit/core/driver';
import { newContent, type DiskContent } from './disk-content.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeDisk } from './guest-view.js';
import { readImageFile, removeImageFile, writeImageFile } from './image-file.js';

const noDisks: readonly FakeDisk[] = [];

/** As large as a volume is that a test says nothing of. */
const VOLUME_MIB = 1_024;

/** A file or volume, by its path. */
export interface StoredFile {
  readonly sizeMib: number;
  readonly content: DiskContent;
  /** The file below: of this one, only what was written since is its own. */
  readonly backing?: string;
}

/**
 * Where disks and volumes lie. Hosts that share storage have the same object. A volume is there when its path is first
 * spoken of, as if somebody had connected it, until a test takes it away.
 */
export class FakeStorage {
  readonly #disks = new Map<string, readonly FakeDisk[]>();
  readonly #files = new Map<string, StoredFile>();
  readonly #imagePaths = new Set<string>();
  readonly #lostPaths = new Set<string>();
  readonly #images = new Map<string, 'lost' | 'damaged'>();
  #usedGib = 0;
  #generation = 0;

  get usedGib(): number {
    return this.#usedGib;
  }

  disksOf(uuid: string): readonly FakeDisk[] {
    return this.#disks.get(uuid) ?? noDisks;
  }

  /** Puts these in the place of all disks of the uuid. */
  setDisks(uuid: string, disks: readonly FakeDisk[]): void {
    this.#usedGib += sizeOf(disks) - sizeOf(this.disksOf(uuid));
    if (disks.length === 0) this.#disks.delete(uuid);
    else this.#disks.set(uuid, disks);
  }

  /** A content that no disk had before. */
  freshContent(origin: string): DiskContent {
    this.#generation += 1;
    return newContent(origin, this.#generation);
  }

  /** What was written at a path; `undefined` where nothing was, and nobody has spoken of a volume there. */
  fileAt(path: string): StoredFile | undefined {
    return this.#files.get(path);
  }

  /** The volume at a path, which must not be lost. @throws FakeHypervisorError `cannot-start` */
  volumeAt(path: string): StoredFile {
    if (this.#lostPaths.has(path)) {
      const message = `Cannot access storage file '${path}': No such file or directory`;
      throw new FakeHypervisorError('cannot-start', message, 'disk');
    }
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const made = { sizeMib: VOLUME_MIB, content: this.freshContent(path) };
    this.#files.set(path, made);
    return made;
  }

  /** Writes a file, in the place of one that may be there. */
  writeFile(path: string, file: StoredFile): void {
    this.#lostPaths.delete(path);
    this.#files.set(path, file);
  }

  /** Writes an image, in the place of one that may be there: to the real file too, where the target's directory is there. */
  writeImage({ path, format }: Pick<SnapshotTarget, 'path' | 'format'>, file: StoredFile): void {
    this.writeFile(path, file);
    writeImageFile({ path, format }, file);
    this.#imagePaths.add(path);
  }

  /** What an image holds that was written by {@link writeImage}, here or by another simulator; `undefined` for any other. */
  imageContent(path: string): DiskContent | undefined {
    return readImageFile(path) ?? this.#files.get(path)?.content;
  }

  /** No file: nothing to do. */
  removeFile(path: string): void {
    this.#files.delete(path);
    if (this.#imagePaths.delete(path)) removeImageFile(path);
  }

  /** For a test: a volume of a size, with a content of its own. */
  addVolume(path: string, sizeMib: number): void {
    this.writeFile(path, { sizeMib, content: this.freshContent(path) });
  }

  /** For a test: nobody finds the volume any more, until {@link addVolume} makes another there. */
  loseVolume(path: string): void {
    this.#files.delete(path);
    this.#lostPaths.add(path);
  }

  /** For a test: what becomes of an image; `'whole'` again, it can be used. */
  setImage(imageId: string, fate: 'lost' | 'damaged' | 'whole'): void {
    if (fate === 'whole') this.#images.delete(imageId);
    else this.#images.set(imageId, fate);
  }

  /** @throws FakeHypervisorError `no-image`, `bad-image` */
  checkImage(imageId: string): void {
    const fate = this.#images.get(imageId);
    if (fate === undefined) return;
    const path = `/srv/fake/images/${imageId}`;
    if (fate === 'lost') {
      throw new FakeHypervisorError('no-image', `${path}: No such file or directory`, 'image', { imageId });
    }
    throw new FakeHypervisorError('bad-image', `${path}: Image is corrupt`, 'image', { imageId });
  }
}

function sizeOf(disks: readonly FakeDisk[]): number {
  return disks.reduce((sum, { sizeGib }) => sum + sizeGib, 0);
}
