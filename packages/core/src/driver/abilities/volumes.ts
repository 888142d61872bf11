import type { BlockDevice } from '../block-device.js';
import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';

/** Adding disks to a guest and taking them away. Nova: `attach_volume`, `detach_volume`, `get_volume_connector`. */
export interface VolumeAbility {
  /**
   * Afterwards the guest has the device, now and after its next start. On failure it has it in neither. Idempotent: a device that is
   * there already is success. @throws ComputeError `TOO_MANY_DEVICES`
   */
  attachVolume(instance: InstanceSpec, device: BlockDevice, options?: CallOptions): Promise<void>;
  /** Afterwards the guest has let go of the device. Idempotent. @throws ComputeError `DEVICE_DETACH_REFUSED` with effect `none` */
  detachVolume(instance: InstanceSpec, deviceId: string, options?: CallOptions): Promise<void>;
  /** What a storage system must know of this host to offer it a volume. */
  getVolumeConnector(options?: CallOptions): Promise<VolumeConnector>;
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
  swapVolume(instance: InstanceSpec, deviceId: string, replacement: BlockDevice, options?: CallOptions): Promise<void>;
}

/** Telling a guest that its disk has grown. Nova: `extend_volume`. */
export interface ExtendVolumeAbility {
  /** Afterwards the guest sees `sizeMib`. Idempotent; never makes a disk smaller. @throws ComputeError `DEVICE_NOT_FOUND` */
  extendVolume(instance: InstanceSpec, deviceId: string, sizeMib: number, options?: CallOptions): Promise<void>;
}

/** Snapshots that the storage system asks the hypervisor for. Nova: `volume_snapshot_create`, `volume_snapshot_delete`. */
export interface VolumeSnapshotAbility {
  /** Afterwards the guest writes to `snapshotPath`, which the manager puts into the spec, and what was there is still. Idempotent. @throws ComputeError `DEVICE_NOT_FOUND` */
  volumeSnapshotCreate(
    instance: InstanceSpec,
    deviceId: string,
    snapshotPath: string,
    options?: CallOptions,
  ): Promise<void>;
  /** Afterwards the snapshot is merged and its file is the caller's to remove. Idempotent. @throws ComputeError `DEVICE_NOT_FOUND` */
  volumeSnapshotDelete(
    instance: InstanceSpec,
    deviceId: string,
    snapshotPath: string,
    options?: CallOptions,
  ): Promise<void>;
}

/** Counters of one disk. Nova: `block_stats`, `get_all_volume_usage`. */
export interface BlockStatsAbility {
  blockStats(instanceUuid: string, deviceId: string, options?: CallOptions): Promise<BlockStats>;
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
  mountShare(instance: InstanceSpec, share: Share, options?: CallOptions): Promise<void>;
  /** Idempotent. */
  umountShare(instance: InstanceSpec, share: Share, options?: CallOptions): Promise<void>;
}

export interface Share {
  readonly id: string;
  /** Where the guest finds it: its virtio-fs tag. */
  readonly tag: string;
  readonly protocol: 'NFS' | 'CEPHFS';
  readonly exportLocation: string;
}
