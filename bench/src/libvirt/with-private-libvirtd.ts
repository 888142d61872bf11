import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingDebianPackages, startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';

/**
 * Runs a benchmark on a libvirtd of its own, and leaves nothing behind.
 * @returns what is missing, as a sentence, where there can be none
 */
export async function withPrivateLibvirtd<Result>(
  benchmark: (daemon: PrivateLibvirtd, directory: string) => Promise<Result>,
): Promise<Result | string> {
  if (process.getuid?.() !== 0) return 'A private libvirtd needs root.';
  const missing = await missingDebianPackages();
  if (missing.length > 0) return `Debian packages are missing: ${missing.join(' ')}.`;
  // Short: the path of the daemon's socket may have 107 bytes at most.
  const directory = await mkdtemp(join(tmpdir(), 'vb-'));
  try {
    await using daemon = await startPrivateLibvirtd({ directory: join(directory, 'd') });
    return await benchmark(daemon, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
