/** The files of the host that a guest is made of. Absolute, and checked by whoever made this value. */
export interface GuestFiles {
  readonly rootDisk?: string | undefined;
  readonly consoleLog: string;
  readonly kernel?: string | undefined;
  readonly ramdisk?: string | undefined;
}
