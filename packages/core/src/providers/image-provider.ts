import type { Image, SnapshotTarget } from '../driver/index.js';
import type { CallOptions } from './call-options.js';

/**
 * Where the manager gets images from and puts new ones. In an OpenStack cloud this is Glance.
 *
 * ## Words
 * - **image**: a disk, or a kernel with its ramdisk, that guests are made from. Its bytes never change.
 * - **unfinished image**: begun by the manager and not finished. Nobody sees it, and it may be deleted like any other.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` and nothing else: `STORE_UNAVAILABLE` when what keeps the images fails, `INSUFFICIENT_RESOURCES`
 *   when it is full.
 * - It may be called at any time, also at the same time for the same image, and also by several processes.
 * - A caller who lost an answer repeats the call: every method is idempotent.
 * - An aborted call leaves everything as it was, or done; unless its doc says more.
 * - What it answers is a value: it never changes under its holder.
 * - No name, property or id that comes from a tenant becomes part of a path unchecked.
 *
 * A project sees the public images and its own. What it does not see is not there: `IMAGE_NOT_FOUND`.
 */
export interface ImageProvider {
  /**
   * A manager has taken its host: `options.leader` says which. Afterwards changes under a lower epoch of that host are refused with
   * `SESSION_LOST`, whatever was asked before. Called once at the start of a manager. Optional: without it a provider learns of a new
   * manager by the manager's first call.
   */
  leaderChanged?(options?: CallOptions): Promise<void>;

  /**
   * An image that a driver may use as it stands. When it is answered all of this has been looked at since the image last changed: its files
   * are there, inside the provider's directory, as long as recorded, of the recorded checksum and, by their own bytes, of the recorded
   * format; within the limits of size; and its disk names no other file, neither as a backing nor as a data file. QEMU has parsed nothing
   * of it until then.
   * @throws ComputeError `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`
   */
  getImage(imageId: string, viewer: ImageViewer, options?: CallOptions): Promise<Image>;

  /** The finished images that match, newest first. Their bytes are not looked at. */
  listImages(query: ImageQuery, options?: CallOptions): Promise<readonly ImageRecord[]>;

  /**
   * The ids of the images that were begun, by whomever, and neither finished nor deleted; in no order. Of these the manager deletes now and
   * then what its own operations could not undo.
   */
  listUnfinishedImages(options?: CallOptions): Promise<readonly string[]>;

  /**
   * Makes an empty place that a driver writes a new image to. Nothing is at its `path` yet; the directory is there. Begun again, an
   * unfinished image has an empty place once more, described by this request; whoever was still writing to the old one writes in vain.
   * @throws ComputeError `INVALID_INPUT`, also for the id of a finished image
   */
  beginImage(request: NewImage, options?: CallOptions): Promise<SnapshotTarget>;

  /**
   * Checks and measures what was written, as {@link getImage} does, and makes the image visible: durably, and all of it at once. One that is
   * finished already is answered as it is. One that is refused stays unfinished.
   * @throws ComputeError `IMAGE_NOT_FOUND` when it was not begun, or nothing was written; `IMAGE_UNACCEPTABLE`
   */
  finishImage(imageId: string, options?: CallOptions): Promise<ImageRecord>;

  /**
   * Afterwards nobody sees the image, and no guest can be made from it any more. Guests that were made from it go on: a provider that hands
   * out the bytes themselves keeps them as long as a guest's disk refers to them. An unfinished image is removed altogether; one that is not
   * there is deleted. Who may delete is the caller's to decide.
   */
  deleteImage(imageId: string, options?: CallOptions): Promise<void>;
}

/** Who wants to see an image. */
export interface ImageViewer {
  readonly projectId: string;
}

/** `base`: brought in by an operator. The others the manager makes; Nova calls this property `image_type`. */
export type ImageKind = 'base' | NewImageKind;
export type NewImageKind = 'snapshot' | 'backup' | 'shelved';

/** What is known of a finished image without touching its bytes. */
export interface ImageRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: ImageKind;
  /** `public`: every project sees it. */
  readonly visibility: 'public' | 'private';
  /** Whose it is; `null` for one of the operator's. */
  readonly projectId: string | null;
  /** The instance it was made from; `null` for none. */
  readonly instanceUuid: string | null;
  readonly diskFormat: Image['diskFormat'];
  /** What its files hold, in bytes. A sparse file may take less of the host's disk. */
  readonly sizeBytes: number;
  /** What a guest sees of its disk; 0 when it has none. A flavor's root disk must offer as much. */
  readonly virtualSizeBytes: number;
  readonly minDiskGib: number;
  readonly minMemoryMib: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

/** What is left out is not looked at. */
export interface ImageQuery {
  /** Only what this project sees: public images and its own. Left out: all, for operators. */
  readonly projectId?: string;
  /** Only those made from this instance. */
  readonly instanceUuid?: string;
  readonly kind?: ImageKind;
  /** Only those that have all of these, such as Nova's `backup_type` when backups are rotated. */
  readonly properties?: Readonly<Record<string, string>>;
  /** At most so many. Left out: all. */
  readonly countMax?: number;
}

/** An image that the manager will have a driver write. It is private to its project. */
export interface NewImage {
  /** A uuid chosen by the caller, so that a repeated call means the same image. */
  readonly imageId: string;
  readonly name: string;
  readonly kind: NewImageKind;
  readonly instanceUuid: string;
  readonly projectId: string;
  /** What the driver will write, and nothing else is accepted. */
  readonly format: SnapshotTarget['format'];
  /** What guests made from it need at least. */
  readonly minDiskGib: number;
  readonly minMemoryMib: number;
  readonly properties: Readonly<Record<string, string>>;
}
