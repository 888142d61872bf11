import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheDirectory } from '../cache-directory.js';
import { isRefusal } from '../is-refusal.js';
import { runCommand } from '../run-command.js';
import { guestArchive } from './guest-archive.js';
import { guestModules } from './guest-init.js';
import { kernelPackage } from './kernel-package.js';
import { moduleLoadOrder } from './module-load-order.js';

export interface GuestImage {
  readonly kernelPath: string;
  readonly initrdPath: string;
  /** The kernel command line the boot time was measured with. Others work: the guest needs only `console=ttyS0`. */
  readonly commandLine: string;
}

export interface BuildGuestImageOptions {
  /** Where kernel packages and finished images are kept. Default `.cache/guest` at the repository's root. */
  readonly directory?: string;
  readonly signal?: AbortSignal;
}

/** Self-tests, address randomization and mitigations are a quarter of the boot under TCG, and worth nothing here. */
const COMMAND_LINE =
  'console=ttyS0 quiet panic=-1 nokaslr cryptomgr.notests mitigations=off no_timer_check tsc=reliable random.trust_cpu=on';

const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Makes sure a bootable guest is in the cache and resolves to its files. Idempotent, and safe in several processes at
 * once: an image appears whole, by one rename, under a name that is a hash of all that went into it. An abort or a
 * crash leaves nothing that a later call would take for an image.
 */
export async function buildGuestImage(options: BuildGuestImageOptions = {}): Promise<GuestImage> {
  const { directory = cacheDirectory('guest'), signal } = options;
  const packagePath = await kernelPackage(directory, signal ? { signal } : {});
  const imageDirectory = join(directory, await imageKey(packagePath));
  if (!(await exists(imageDirectory))) {
    await removeAbandoned(directory);
    await build(packagePath, imageDirectory, directory, signal);
  }
  return {
    kernelPath: join(imageDirectory, 'vmlinuz'),
    initrdPath: join(imageDirectory, 'initrd.cpio'),
    commandLine: COMMAND_LINE,
  };
}

/** Changes whenever anything in the image does: the archive without modules is all of it that no kernel package holds. */
async function imageKey(packagePath: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([basename(packagePath), guestModules]));
  hash.update(await guestArchive([]));
  return hash.digest('hex').slice(0, 16);
}

async function build(packagePath: string, imageDirectory: string, cache: string, signal?: AbortSignal): Promise<void> {
  const staging = await mkdtemp(join(cache, '.building-'));
  try {
    const unpacked = join(staging, 'unpacked');
    await runCommand('dpkg-deb', ['--extract', packagePath, unpacked], signal ? { signal } : {});
    const release = await onlyEntry(join(unpacked, 'lib/modules'));
    const modules = await moduleLoadOrder(join(unpacked, 'lib/modules', release), guestModules);
    const image = join(staging, 'image');
    await mkdir(image);
    await copyFile(join(unpacked, 'boot', `vmlinuz-${release}`), join(image, 'vmlinuz'));
    await writeFile(join(image, 'initrd.cpio'), await guestArchive(modules));
    await rename(image, imageDirectory).catch((error: unknown) => {
      // Another process finished the same image first; one is as good as the other.
      if (!isRefusal(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function onlyEntry(directory: string): Promise<string> {
  const [name, ...others] = await readdir(directory);
  if (!name || others.length > 0) throw new Error(`${directory} should hold one kernel release`);
  return name;
}

/** Staging directories of processes that died. A living one never takes this long. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^\.(building|download)-/.test(name)) continue;
    const age = await stat(join(directory, name)).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: unknown) => {
      if (isRefusal(error, 'ENOENT')) return false;
      throw error;
    },
  );
}
