import { mkdir, stat } from 'node:fs/promises';
import { ComputeError } from '@virtkit/core/driver';
import type { LibvirtConfiguration } from '../libvirt-configuration.js';

/** QEMU runs as a user of its own: it may pass through, not look around. */
const STATE_DIRECTORY_MODE = 0o711;

/**
 * Makes the state directory unless it is there, and requires the image directories.
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export async function prepareHostDirectories({
  stateDirectory,
  imageDirectories,
}: LibvirtConfiguration): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: STATE_DIRECTORY_MODE }).catch((cause: unknown) => {
    throw unusable('stateDirectory', stateDirectory, 'a directory that can be made', cause);
  });
  for (const [index, directory] of imageDirectories.entries()) {
    const field = `imageDirectories[${index}]`;
    const found = await stat(directory).catch((cause: unknown) => {
      throw unusable(field, directory, 'an existing directory', cause);
    });
    if (!found.isDirectory()) throw unusable(field, directory, 'an existing directory');
  }
}

function unusable(field: string, value: string, accepted: string, cause?: unknown): ComputeError {
  return new ComputeError('INVALID_CONFIGURATION', { field, value, accepted }, { cause });
}
