import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';

/** Making an image from a guest's root disk. Nova: `snapshot`. */
export interface SnapshotAbility {
  /**
   * Writes the root disk, as of one moment, to `target`. The guest goes on as it was. On failure `target` holds nothing. May be repeated:
   * what an earlier try left at `target` is replaced.
   * @throws ComputeError `INSTANCE_INVALID_STATE` when the guest cannot be snapshotted in its power state
   */
  snapshot(request: SnapshotRequest, options?: SnapshotOptions): Promise<void>;
}

export interface SnapshotRequest extends GuestRequest {
  readonly target: SnapshotTarget;
}

/** Where the manager wants the image: a path it made, empty, on this host. */
export interface SnapshotTarget {
  readonly imageId: string;
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
}

export interface SnapshotOptions extends CallOptions {
  /** Told as the snapshot goes on; intermediate values may be dropped. Never throws. */
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

export interface SnapshotProgress {
  /** Nova's task states of a snapshot. */
  readonly phase: 'image_snapshot' | 'image_pending_upload' | 'image_uploading';
  readonly doneMib: number;
  readonly totalMib: number;
}
