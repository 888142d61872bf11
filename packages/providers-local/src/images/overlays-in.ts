import { readdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { isMissing } from '../directory/is-missing.js';
import { qcow2HeaderOf } from '../disk-format/qcow2-header-of.js';
import type { ImageUse } from './local-images-options.js';

/**
 * An image is in use while a qcow2 file in one of these directories, or in a directory below, is an overlay over it: there drivers keep the
 * disks of instances. A kernel is read at each start and not found this way: whoever deletes one must know that no instance boots it.
 */
export function overlaysIn(directories: readonly string[]): ImageUse {
  return async ({ path: imageFolder }, { signal }) => {
    for (const directory of directories) {
      for (const file of await filesUnder(directory)) {
        signal?.throwIfAborted();
        const backing = (await qcow2HeaderOf(file))?.backingFile;
        if (backing !== undefined && isInside(backing, dirname(file), imageFolder)) return true;
      }
    }
    return false;
  };
}

/** A backing file may be a path from the overlay, or JSON with paths in it. */
function isInside(backing: string, from: string, imageFolder: string): boolean {
  return backing.includes(imageFolder + sep) || resolve(from, backing).startsWith(imageFolder + sep);
}

async function filesUnder(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (failure) {
    if (isMissing(failure)) return [];
    throw failure;
  }
}
