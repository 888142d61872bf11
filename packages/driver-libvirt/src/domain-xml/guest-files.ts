import type { DefinedDisk } from './defined-disks.js';

/** The files of the host that a guest is made of. Absolute, and checked by the maker of this value. */
export interface GuestFiles {
  readonly disks: readonly DefinedDisk[];
  readonly consoleLog: string;
  readonly kernel?: string | undefined;
  readonly ramdisk?: string | undefined;
}
