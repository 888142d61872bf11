import type { BlockDevice } from '../block-device.js';
import type { CallOptions } from '../call-options.js';
import type { GuestRequest, HostRequest, InstanceRequest } from '../driver-request.js';

/** Adding disks to a guest and taking them away. Nova: `attach_volume`, `detach_volume`, `get_volume_connector`. */
export interface VolumeAbility {
  /**
   * Afterwards the guest has the device, now and after its next start. On failure it has it in neither. Idempotent: a device that is
   * there already is success. @throws ComputeError `TOO_MANY_DEVICES`
   */
  attachVolume(request: AttachVolumeRequest, options?: CallOptions): Promise<void>;
  /** Afterwards the guest has let go of the device. Idempotent. @throws ComputeError `DEVICE_DETACH_REFUSED` with effect `none` */
  detachVolume(request: DetachVolumeRequest, options?: CallOptions): Promise<void>;
  /** What a storage system must know of this host to offer it a volume. */
  getVolumeConnector(request: HostRequest, options?: CallOptions): Promise<VolumeConnector>;
}

export interface AttachVolumeRequest extends InstanceRequest {
  readonly device: BlockDevice;
}

export interface DetachVolumeRequest extends InstanceRequest {
  readonly deviceId: string;
}

export interface VolumeConnector {
  readonly host: string;
  readonly address: string;
  /** iSCSI qualified name; left out where the host has none. */
  readonly initiator?: string;
}

/** Replacing a disk under a running guest. Nova: `swap_volume`. */
export interface SwapVolumeAbility {
  /** Afterwards the guest writes to `replacement` only, with everything the old one held. On failure it writes to the old one only. Idempotent. @throws ComputeError `DEVICE_NOT_FOUND` */
  swapVolume(request: SwapVolumeRequest, options?: CallOptions): Promise<void>;
}

export interface SwapVolumeRequest extends InstanceRequest {
  readonly deviceId: string;
  readonly replacement: BlockDevice;
}

/** Telling a guest that its disk has grown. Nova: `extend_volume`. */
export interface ExtendVolumeAbility {
  /** Afterwards the guest sees `sizeMib`. Idempotent; never makes a disk smaller. @throws ComputeError `DEVICE_NOT_FOUND` */
  extendVolume(request: ExtendVolumeRequest, options?: CallOptions): Promise<void>;
}

export interface ExtendVolumeRequest extends InstanceRequest {
  readonly deviceId: string;
  readonly sizeMib: number;
}

/** Snapshots that the storage system asks the hypervisor for. Nova: `volume_snapshot_create`, `volume_snapshot_delete`. */
export interface VolumeSnapshotAbility {
  /** Afterwards the guest writes to `snapshotPath`, which the manager puts into the spec, and what was there is still. Idempotent. @throws ComputeError `DEVICE_NOT_FOUND` */
  volumeSnapshotCreate(request: VolumeSnapshotRequest, options?: CallOptions): Promise<void>;
  /** Afterwards the snapshot is merged and its file is the caller's to remove. Idempotent. @throws ComputeError `DEVICE_NOT_FOUND` */
  volumeSnapshotDelete(request: VolumeSnapshotRequest, options?: CallOptions): Promise<void>;
}

export interface VolumeSnapshotRequest extends InstanceRequest {
  readonly deviceId: string;
  /** Absolute path on the host. */
  readonly snapshotPath: string;
}

/** Counters of one disk. Nova: `block_stats`, `get_all_volume_usage`. */
export interface BlockStatsAbility {
  blockStats(request: BlockStatsRequest, options?: CallOptions): Promise<BlockStats>;
}

export interface BlockStatsRequest extends GuestRequest {
  readonly deviceId: string;
}

/** Counted from the start of the guest. */
export interface BlockStats {
  readonly readRequests: bigint;
  readonly readBytes: bigint;
  readonly writeRequests: bigint;
  readonly writeBytes: bigint;
  readonly errors: bigint;
}

/** Directories of the host inside the guest. Nova: `mount_share`, `umount_share`. */
export interface ShareAbility {
  /** Idempotent. */
  mountShare(request: ShareRequest, options?: CallOptions): Promise<void>;
  /** Idempotent. */
  umountShare(request: ShareRequest, options?: CallOptions): Promise<void>;
}

export interface ShareRequest extends InstanceRequest {
  readonly share: Share;
}

export interface Share {
  readonly id: string;
  /** Where the guest finds it: its virtio-fs tag. */
  readonly tag: string;
  readonly protocol: 'NFS' | 'CEPHFS';
  readonly exportLocation: string;
}
