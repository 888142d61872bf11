import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './durable-file.js';
import { isMissing } from './is-missing.js';
import { DIRECTORY_MODE, makeDirectory } from './make-directory.js';
import { isAlive, markPattern, processMark } from './process-mark.js';

/** Not in any id, so that what is unfinished says whose it is. */
const separator = '~';

/**
 * A directory of folders, one for each id, that come and go as a whole:
 *
 *     images/<id>/                               what is there
 *     images.unfinished/<id>~<tag>~<process>/    what is being made, or being removed
 *
 * A folder arrives by one rename, when all in it is on disk, and leaves by one. Whatever a killed process leaves is among the unfinished
 * ones, under a name that says so.
 */
export class FolderShelf {
  readonly #shelf: string;
  readonly #unfinished: string;

  private constructor(root: string, name: string) {
    this.#shelf = join(root, name);
    this.#unfinished = join(root, `${name}.unfinished`);
  }

  /** Makes the directories unless they are there, and removes what processes that run no more have left unfinished. */
  static async open(directory: string, name: string): Promise<FolderShelf> {
    await makeDirectory(directory);
    const shelf = new FolderShelf(await realpath(directory), name);
    await makeDirectory(shelf.#shelf);
    await makeDirectory(shelf.#unfinished);
    await shelf.#removeLeftovers();
    return shelf;
  }

  /** Where the folder of an id is, or would be. Without links. */
  pathOf(id: string): string {
    return join(this.#shelf, id);
  }

  /** The ids of all folders that are there, in no order. */
  async ids(): Promise<readonly string[]> {
    return await readdir(this.#shelf);
  }

  /** Makes an empty unfinished folder. With a tag, what this id and tag had before is removed; without, it is a new one each time. */
  async begin(id: string, tag?: string): Promise<string> {
    if (tag !== undefined) await this.discard(id, tag);
    const path = join(this.#unfinished, await unfinishedName(id, tag ?? randomTag()));
    await mkdir(path);
    await chmod(path, DIRECTORY_MODE);
    return path;
  }

  /** The unfinished folder of an id and tag: this process's, otherwise another's. */
  async begun(id: string, tag: string): Promise<string | undefined> {
    const names = await this.#unfinishedOf(id, tag);
    const own = await unfinishedName(id, tag);
    const name = names.includes(own) ? own : names[0];
    return name === undefined ? undefined : join(this.#unfinished, name);
  }

  /** The ids of unfinished folders with a tag, whoever made them, in no order. */
  async idsBegun(tag: string): Promise<readonly string[]> {
    const names = (await readdir(this.#unfinished)).map((name) => name.split(separator));
    return [...new Set(names.flatMap(([id, given]) => (id !== undefined && given === tag ? [id] : [])))];
  }

  /** Removes the unfinished folders of an id and tag, whoever made them. Idempotent. */
  async discard(id: string, tag: string): Promise<void> {
    for (const name of await this.#unfinishedOf(id, tag)) await removeFolder(join(this.#unfinished, name));
  }

  /** Puts an unfinished folder in its place, for good. Rejects with `ENOTEMPTY` or `EEXIST` when the id has one. */
  async publish(path: string, id: string): Promise<void> {
    await syncDirectory(path);
    await rename(path, this.pathOf(id));
    await syncDirectory(this.#shelf);
  }

  /** Takes a folder away with all that is in it. Idempotent. */
  async remove(id: string): Promise<void> {
    const path = join(this.#unfinished, await unfinishedName(id, randomTag()));
    try {
      await rename(this.pathOf(id), path);
    } catch (failure) {
      if (isMissing(failure)) return;
      throw failure;
    }
    await syncDirectory(this.#shelf);
    await removeFolder(path);
  }

  async #unfinishedOf(id: string, tag: string): Promise<readonly string[]> {
    const names = await readdir(this.#unfinished);
    return names.filter((name) => name.startsWith(`${id}${separator}${tag}${separator}`));
  }

  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.#unfinished)) {
      const mark = name.split(separator)[2] ?? '';
      if (markPattern.test(mark) && (await isAlive(mark))) continue;
      await removeFolder(join(this.#unfinished, name));
    }
  }
}

async function unfinishedName(id: string, tag: string): Promise<string> {
  return [id, tag, await processMark()].join(separator);
}

function randomTag(): string {
  return randomBytes(6).toString('hex');
}

/** Two that remove the same folder at the same time are both content. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
