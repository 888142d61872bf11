/**
 * What a guest boots from. The locations are facts about the host, chosen by the platform team and never by a tenant;
 * a driver accepts only those inside the directories it was configured with.
 */
export interface Image {
  readonly id: string;
  readonly name: string;
  /** Format of `location.disk`, recorded when the image was accepted. A driver states it and never probes for it. */
  readonly diskFormat: 'qcow2' | 'raw';
  readonly minDiskGib: number;
  readonly minMemoryMib: number;
  readonly location: ImageLocation;
  /** Image properties by Nova's names, such as `hw_disk_bus`. Those that ask for what the driver does not do are refused. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Absolute paths on the host. At least one of `disk` and `kernel` is there. */
export interface ImageLocation {
  /** The base of the root disk; it is only read. */
  readonly disk?: string;
  /** Boots this kernel directly, without firmware or boot loader. */
  readonly kernel?: string;
  /** Only with `kernel`. */
  readonly ramdisk?: string;
  /** Only with `kernel`. */
  readonly kernelCommandLine?: string;
}
