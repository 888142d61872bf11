import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies libvirt's record of what QEMU can do from one directory to another, for a daemon that finds none probes QEMU
 * for seconds. Copied rather than shared: libvirt writes these files under one fixed temporary name, and two daemons
 * would tear each other's. Here a file appears whole, by a rename. What libvirt finds outdated it probes again.
 */
export async function copyCapabilities(from: string, to: string): Promise<void> {
  await mkdir(from, { recursive: true });
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith('.xml'));
  for (const name of names) {
    const staged = join(to, `.${name}.${randomUUID()}`);
    try {
      await copyFile(join(from, name), staged);
      await rename(staged, join(to, name));
    } finally {
      await rm(staged, { force: true });
    }
  }
}
