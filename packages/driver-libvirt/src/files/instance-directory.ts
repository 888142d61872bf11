import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CallFence } from '../call-fence.js';
import { instanceUuid } from '../instance-uuid.js';
import { isMissing } from './is-missing.js';

/**
 * Others may enter but not list: QEMU runs as a user of its own and must reach the disk, whose own mode guards it.
 */
const DIRECTORY_MODE = 0o711;
const MARK_MODE = 0o600;

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
  /** Says of which generation the guest is whose files these are. */
  readonly generationFile: string;

  constructor(stateDirectory: string, uuid: string) {
    this.path = join(stateDirectory, instanceUuid(uuid));
    this.rootDisk = join(this.path, 'disk');
    this.unfinishedRootDisk = join(this.path, 'disk.unfinished');
    this.consoleLog = join(this.path, 'console.log');
    this.generationFile = join(this.path, 'generation');
  }

  /** Rejects with `EEXIST` when there is one already that something is in. */
  async create(generation?: string | null): Promise<void> {
    await CallFence.pass();
    await mkdir(this.path).catch(async (failure: unknown) => {
      if ((await this.#names())?.length !== 0) throw failure;
    });
    await this.#mark(generation);
  }

  /** Makes it unless it is there. From then on its files are those of a guest of this generation. */
  async ensure(generation?: string | null): Promise<void> {
    await CallFence.pass();
    await mkdir(this.path, { recursive: true });
    await this.#mark(generation);
  }

  /**
   * Of which generation the guest was whose files are here. `null`: they are from before there were generations. `undefined`: there is none,
   * or only a directory that a spawn was cut off at.
   */
  async generation(): Promise<string | null | undefined> {
    const names = await this.#names();
    if (names === undefined || names.length === 0) return undefined;
    if (!names.includes(basename(this.generationFile))) return null;
    const written = (await readFile(this.generationFile, 'utf8')).trim();
    return written === '' ? undefined : written;
  }

  async hasRootDisk(): Promise<boolean> {
    return (await this.#names())?.includes(basename(this.rootDisk)) === true;
  }

  /** Removes it with everything in it. Idempotent. */
  async remove(): Promise<void> {
    await CallFence.pass();
    await rm(this.path, { recursive: true, force: true });
  }

  /**
   * Removes everything but the root disk and the layers that other tools have put over it, and the directory too when there
   * is no disk. Idempotent.
   */
  async removeAllButDisk(): Promise<void> {
    const names = await this.#names();
    if (names?.includes(basename(this.rootDisk)) !== true) return this.remove();
    const kept = new Set([this.rootDisk, this.generationFile, ...(await this.foreignDisks())]);
    const others = names.map((name) => join(this.path, name)).filter((path) => !kept.has(path));
    await CallFence.pass();
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

  async #mark(generation: string | null | undefined): Promise<void> {
    await chmod(this.path, DIRECTORY_MODE);
    if (typeof generation === 'string') await writeFile(this.generationFile, `${generation}\n`, { mode: MARK_MODE });
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
