import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files that a private daemon gets bound over the host's, inside its mount namespace only: the host's accounts, and the one that libvirt
 * insists on knowing even where QEMU runs as root. Debian creates that with libvirt-daemon-system, which would also start a libvirtd for
 * the whole machine.
 */
export const boundAccounts = [
  {
    name: 'accounts/passwd',
    inside: '/etc/passwd',
    line: 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin',
  },
  { name: 'accounts/group', inside: '/etc/group', line: 'libvirt-qemu:x:64055:' },
] as const;

/** Writes them below a directory, by their names. */
export async function writeAccounts(directory: string): Promise<void> {
  await mkdir(join(directory, 'accounts'), { recursive: true });
  for (const { name, inside, line } of boundAccounts) {
    const accounts = await readFile(inside, 'utf8');
    const known = accounts.split('\n').some((entry) => entry.startsWith('libvirt-qemu:'));
    await writeFile(join(directory, name), known ? accounts : `${accounts.trimEnd()}\n${line}\n`);
  }
}
