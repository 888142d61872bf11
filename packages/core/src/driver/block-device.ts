import type { Secret } from './secret.js';

/** A block device mapping: a disk the guest has beside its root disk. */
export interface BlockDevice {
  /** Names the device in calls and errors; for a volume, the volume's uuid. */
  readonly id: string;
  readonly source: BlockDeviceSource;
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide' | 'usb';
  readonly device: 'disk' | 'cdrom';
  /** Place in the boot order, from 0; left out: not booted from. */
  readonly bootIndex?: number;
}

export type BlockDeviceSource = FileSource | HostDeviceSource;

/** A file on the host. */
export interface FileSource {
  readonly type: 'file';
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** The LUKS passphrase of an encrypted file. */
  readonly passphrase?: Secret;
}

/** A block device of the host, connected by whoever connects volumes. */
export interface HostDeviceSource {
  readonly type: 'host-device';
  readonly path: string;
}
