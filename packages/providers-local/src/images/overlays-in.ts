import { readdir, realpath, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { isMissing } from '../directory/is-missing.js';
import { qcow2HeadOf } from '../disk-format/qcow2-header-of.js';
import type { ImageUse } from './local-images-options.js';

/** How long a chain of overlays may be. What is longer cannot be followed, and is in use. */
const CHAIN_MAX = 64;

/**
 * An image is in use while a qcow2 file in one of these directories, or in a directory below, is an overlay over it, directly or over
 * others: there drivers keep the disks of instances. Links are followed, and files are compared as files, not by their names. In doubt the image is in
 * use: below a link that leads nowhere, or a disk whose head is damaged, may be anything.
 *
 * A kernel is read at each start and not found this way: whoever deletes one must know that no instance boots it.
 */
export function overlaysIn(directories: readonly string[]): ImageUse {
  return async ({ path: imageFolder }, { signal }) => {
    const image = await imageIn(imageFolder);
    const seen = new Set<string>();
    for (const directory of directories) {
      if (await isUsedBelow(directory, { image, seen, signal })) return true;
    }
    return false;
  };
}

interface ImageFiles {
  readonly folder: string;
  readonly identities: ReadonlySet<string>;
}

interface Search {
  readonly image: ImageFiles;
  /** Directories and disks that were looked at: links may lead in circles. */
  readonly seen: Set<string>;
  readonly signal: AbortSignal | undefined;
}

async function imageIn(folder: string): Promise<ImageFiles> {
  const names = await readdir(folder);
  const found = await Promise.all(names.map((name) => statOf(join(folder, name))));
  return { folder, identities: new Set(found.flatMap((stats) => (stats ? [identityOf(stats)] : []))) };
}

async function isUsedBelow(directory: string, search: Search): Promise<boolean> {
  const stats = await statOf(directory);
  if (!stats || wasSeen(stats, search)) return false;
  for (const name of await namesIn(directory)) {
    search.signal?.throwIfAborted();
    const path = join(directory, name);
    const entry = await statOf(path);
    if (!entry) {
      // Either it was removed since the directory was read, or it is a link to what is not there now.
      if (await isDangling(path)) return true;
    } else if (entry.isDirectory()) {
      if (await isUsedBelow(path, search)) return true;
    } else if (entry.isFile() && !wasSeen(entry, search) && (await isOver(path, search.image, 0))) return true;
  }
  return false;
}

/** Whether a disk stands over a file of the image. */
async function isOver(disk: string, image: ImageFiles, depth: number): Promise<boolean> {
  const head = await qcow2HeadOf(disk);
  if (head === undefined) return false;
  if (head === 'damaged' || depth >= CHAIN_MAX) return true;
  const { backingFile } = head;
  if (backingFile === undefined) return false;
  const named = filesNamedIn(backingFile);
  if (named === undefined || backingFile.includes(image.folder + sep)) return true;
  for (const name of named) {
    for (const path of await placesOf(name, disk)) {
      const stats = await statOf(path);
      if (!stats?.isFile()) continue;
      if (image.identities.has(identityOf(stats)) || (await isOver(path, image, depth + 1))) return true;
    }
  }
  return false;
}

/** A backing file is a path, a path after `file:`, or JSON with paths in it; `undefined` where it cannot be told. */
function filesNamedIn(backing: string): readonly string[] | undefined {
  if (!backing.startsWith('json:')) return [backing.replace(/^file:(\/\/(?=\/))?/, '')];
  try {
    return textsIn(JSON.parse(backing.slice('json:'.length)));
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/**
 * A relative path is from the directory of the overlay, as that was reached and as it really is. The kernel goes through links before it goes
 * up, so that the paths are joined and not tidied.
 */
async function placesOf(name: string, disk: string): Promise<readonly string[]> {
  if (isAbsolute(name)) return [name];
  return [dirname(disk), dirname(await realpath(disk))].map((directory) => `${directory}${sep}${name}`);
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (failure) {
    if (isMissing(failure)) return [];
    throw failure;
  }
}

/** Of the file that links lead to. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (failure) {
    if (isMissing(failure) || (failure as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw failure;
  }
}

async function isDangling(path: string): Promise<boolean> {
  return (await namesIn(dirname(path))).includes(path.slice(dirname(path).length + 1));
}

function wasSeen(stats: BigIntStats, { seen }: Search): boolean {
  const identity = identityOf(stats);
  if (seen.has(identity)) return true;
  seen.add(identity);
  return false;
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev} ${ino}`;
}
