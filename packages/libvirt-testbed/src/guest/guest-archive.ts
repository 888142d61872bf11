import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCommand } from '../run-command.js';
import { chpasswdScript, initScript, powerButtonScript, shutdownScript } from './guest-init.js';
import type { KernelModule } from './module-load-order.js';
import { newcArchive, type ArchiveEntry } from './newc-archive.js';

/** The programs taken from this machine; both come with a Debian package this package requires. */
const guestPrograms = { busybox: '/bin/busybox', agent: '/usr/sbin/qemu-ga' } as const;

/** Everything in the guest's root file system, as an uncompressed archive: unpacking gzip costs more under TCG. */
export async function guestArchive(modules: readonly KernelModule[]): Promise<Buffer> {
  const libraries = await sharedLibraries(guestPrograms.agent);
  const files: ArchiveEntry[] = [
    script('init', initScript),
    program('bin/busybox', await readFile(guestPrograms.busybox)),
    program('sbin/qemu-ga', await readFile(guestPrograms.agent)),
    script('sbin/shutdown', shutdownScript),
    script('sbin/chpasswd', chpasswdScript),
    script('etc/acpi/PWRF/00000080', powerButtonScript),
    text('etc/passwd', 'root:x:0:0:root:/:/bin/sh\n'),
    text('etc/group', 'root:x:0:\n'),
    text('etc/shadow', 'root:*:19000:0:99999:7:::\n'),
    text('etc/modules', modules.map(({ name }) => `${name}\n`).join('')),
    link('bin/sh', 'busybox'),
    link('sbin/hwclock', '../bin/busybox'),
    link('var/run', '../run'),
    ...modules.map(({ name, content }) => program(`lib/modules/${name}.ko`, content)),
    ...(await Promise.all(libraries.map(async (path) => program(path.slice(1), await readFile(path))))),
  ];
  const empty = ['var', 'proc', 'sys', 'dev', 'run', 'mnt', 'tmp', 'var/log'];
  return newcArchive([...directoriesOf(files, empty), ...files]);
}

/** Absolute paths of the libraries a program is linked with, and of the loader that puts them together. */
async function sharedLibraries(path: string): Promise<readonly string[]> {
  const listing = await runCommand('ldd', [await realpath(path)]);
  return [...listing.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] as string).sort();
}

/** Every directory that holds an entry, parents first. */
function directoriesOf(entries: readonly ArchiveEntry[], empty: readonly string[]): ArchiveEntry[] {
  const paths = new Set(empty);
  for (const entry of entries) {
    for (let path = dirname(entry.path); path !== '.'; path = dirname(path)) paths.add(path);
  }
  return [...paths].sort().map((path) => ({ kind: 'directory', path }));
}

function program(path: string, content: Uint8Array): ArchiveEntry {
  return { kind: 'file', path, mode: 0o755, content };
}
function script(path: string, source: string): ArchiveEntry {
  return program(path, Buffer.from(source));
}
function text(path: string, content: string): ArchiveEntry {
  return { kind: 'file', path, mode: 0o644, content: Buffer.from(content) };
}
function link(path: string, target: string): ArchiveEntry {
  return { kind: 'link', path, target };
}
