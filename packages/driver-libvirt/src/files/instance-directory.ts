import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { instanceUuid } from '../instance-uuid.js';
import { isMissing } from './is-missing.js';

/**
 * Others may enter but not list: QEMU runs as a user of its own and must reach the disk, whose own mode guards it.
 */
const DIRECTORY_MODE = 0o711;

/**
 * Where an instance's files are: `<stateDirectory>/<uuid>`, every file under a fixed name. A path is made of a checked uuid
 * and of nothing else that comes from outside.
 */
export class InstanceDirectory {
  readonly path: string;
  readonly rootDisk: string;
  /** The root disk until it is complete. */
  readonly unfinishedRootDisk: string;
  readonly consoleLog: string;

  constructor(stateDirectory: string, uuid: string) {
    this.path = join(stateDirectory, instanceUuid(uuid));
    this.rootDisk = join(this.path, 'disk');
    this.unfinishedRootDisk = join(this.path, 'disk.unfinished');
    this.consoleLog = join(this.path, 'console.log');
  }

  /** Rejects with `EEXIST` when it is there already. */
  async create(): Promise<void> {
    await mkdir(this.path);
    await chmod(this.path, DIRECTORY_MODE);
  }

  /** Makes it unless it is there. */
  async ensure(): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await chmod(this.path, DIRECTORY_MODE);
  }

  /** Removes it with everything in it. Idempotent. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /**
   * Removes everything but the root disk and the layers that other tools have put over it, and the directory too when there
   * is no disk. Idempotent.
   */
  async removeAllButDisk(): Promise<void> {
    const names = await this.#names();
    if (names?.includes(basename(this.rootDisk)) !== true) return this.remove();
    const kept = new Set([this.rootDisk, ...(await this.foreignDisks())]);
    const others = names.map((name) => join(this.path, name)).filter((path) => !kept.has(path));
    await Promise.all(others.map((path) => rm(path, { recursive: true, force: true })));
  }

  /**
   * The files beside the root disk that may be layers over it. External snapshots are called so, `disk.` and the snapshot's
   * name, unless they are told otherwise.
   */
  async foreignDisks(): Promise<readonly string[]> {
    const own = [this.rootDisk, this.unfinishedRootDisk];
    const names = (await this.#names()) ?? [];
    return names
      .filter((name) => name.startsWith(`${basename(this.rootDisk)}.`))
      .map((name) => join(this.path, name))
      .filter((path) => !own.includes(path));
  }

  /** What is here, in the words of `inspect`. */
  async belongings(): Promise<readonly string[]> {
    const names = await this.#names();
    if (names === undefined) return [];
    const disk = names.some((name) => name.startsWith('disk')) ? ['disk'] : [];
    const log = names.some((name) => name.startsWith('console.log')) ? ['console log'] : [];
    return ['instance directory', ...disk, ...log];
  }

  async #names(): Promise<readonly string[] | undefined> {
    try {
      return await readdir(this.path);
    } catch (failure) {
      if (isMissing(failure)) return undefined;
      throw failure;
    }
  }
}
