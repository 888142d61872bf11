import { chmod, constants, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateRequest } from '@virtkit/core';
import { buildGuestImage } from '@virtkit/libvirt-testbed';

/** The files that the tour's guest boots from, and what happens to them. */
export interface GuestFiles {
  readonly kernelPath: string;
  readonly location: NonNullable<CreateRequest['image']>['location'];
  readonly takeKernelAway: () => Promise<void>;
  readonly putKernelBack: () => Promise<void>;
}

/** QEMU may run as a user of its own, who must be able to read them. */
const FILE_MODE = 0o644;

/** Puts a copy of the test guest's files into a directory of the tour's own, where it may be spoilt. */
export async function guestFiles(directory: string, { signal }: { readonly signal: AbortSignal }): Promise<GuestFiles> {
  const { kernelPath: kernel, initrdPath: initrd, commandLine } = await buildGuestImage({ signal });
  const [kernelPath, ramdiskPath] = [join(directory, 'vmlinuz'), join(directory, 'initrd.cpio')];
  for (const [from, to] of [
    [kernel, kernelPath],
    [initrd, ramdiskPath],
  ] as const) {
    signal.throwIfAborted();
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, FILE_MODE);
  }
  const awayPath = `${kernelPath}.taken-away`;
  return {
    kernelPath,
    location: { kernel: kernelPath, ramdisk: ramdiskPath, kernelCommandLine: talkative(commandLine) },
    takeKernelAway: () => rename(kernelPath, awayPath),
    putKernelBack: () => rename(awayPath, kernelPath),
  };
}

/** The audience is to see it boot. */
function talkative(commandLine: string): string {
  return commandLine
    .split(' ')
    .filter((word) => word !== 'quiet')
    .join(' ');
}
