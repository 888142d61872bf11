import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.js';

/** Debian's kernel for virtual machines: small, and it boots in a second even without hardware virtualization. */
const META_PACKAGE = 'linux-image-cloud-amd64';
const KERNEL_PACKAGE = /linux-image-\d\S*-cloud-amd64/;
const DEB_FILE = /^linux-image-\d\S*-cloud-amd64_\S+_amd64\.deb$/;

/**
 * Resolves to the path of the kernel's .deb file in `directory`, downloaded by apt-get if none is there. The package is
 * not installed: an installation would build an initramfs and run the boot loader's triggers on the host.
 */
export async function kernelPackage(directory: string, options: { signal?: AbortSignal } = {}): Promise<string> {
  await mkdir(directory, { recursive: true });
  const present = (await readdir(directory)).filter((name) => DEB_FILE.test(name)).sort();
  const newest = present.at(-1);
  if (newest) return join(directory, newest);

  try {
    return await download(directory, options);
  } catch (failure) {
    options.signal?.throwIfAborted();
    // Fresh machines have no package lists, and old lists name files the mirror has dropped.
    await runCommand('apt-get', ['update', '--quiet'], { ...options, timeoutMs: 300_000 }).catch((error: unknown) => {
      throw new AggregateError([failure, error], 'the guest kernel could not be downloaded, nor the package lists');
    });
    return await download(directory, options);
  }
}

async function download(directory: string, options: { signal?: AbortSignal }): Promise<string> {
  const depends = await runCommand('apt-cache', ['depends', '--important', META_PACKAGE], options);
  const name = KERNEL_PACKAGE.exec(depends)?.[0];
  if (!name)
    throw new Error(`apt-cache names no kernel that ${META_PACKAGE} depends on: ${depends.trim() || 'nothing'}`);

  const staging = await mkdtemp(join(directory, '.download-'));
  try {
    // Unprivileged download fails in directories that apt's own user may not enter.
    const args = ['download', '--quiet', '-o', 'APT::Sandbox::User=root', name];
    await runCommand('apt-get', args, { ...options, cwd: staging, timeoutMs: 600_000 });
    const file = (await readdir(staging)).find((entry) => DEB_FILE.test(entry));
    if (!file) throw new Error(`apt-get download ${name} left no .deb file`);
    await rename(join(staging, file), join(directory, file));
    return join(directory, file);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
