/** How large a guest is. */
export interface Flavor {
  readonly name: string;
  /** Whole virtual CPUs, at least 1. */
  readonly vcpus: number;
  readonly memoryMib: number;
  /** 0: as large as the image is; with an image without a disk, no root disk. */
  readonly rootDiskGib: number;
  /** Requests to the driver by name, such as `hw:watchdog_action`. Those that ask for what it does not do are refused. */
  readonly extraSpecs: Readonly<Record<string, string>>;
}
