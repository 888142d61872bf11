import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ComputeError } from '@virtkit/core/providers';
import { isAlive, markPattern, processMark } from './process-mark.js';

/**
 * What of a directory one opener has to itself. There is no lock to be left behind: an owner is a file named after its process, and one whose
 * process is gone counts for nothing. Two that come at the same moment may both be refused, and are never both let in.
 */
export class DirectoryOwner implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws ComputeError `INVALID_CONFIGURATION` while another one has it */
  static async claim(directory: string, what: string): Promise<DirectoryOwner> {
    const prefix = `${what}.owner.`;
    const name = `${prefix}${await processMark()}.${randomBytes(4).toString('hex')}`;
    const owner = new DirectoryOwner(join(directory, name));
    await writeFile(owner.#file, '', { flag: 'wx', mode: 0o600 });
    try {
      for (const other of (await readdir(directory)).filter((each) => each.startsWith(prefix) && each !== name)) {
        const mark = other.slice(prefix.length).split('.')[0] ?? '';
        if (markPattern.test(mark) && (await isAlive(mark))) throw taken(directory, mark);
        await rm(join(directory, other), { force: true });
      }
    } catch (failure) {
      await owner[Symbol.asyncDispose]();
      throw failure;
    }
    return owner;
  }

  /** Gives the directory away. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

function taken(directory: string, mark: string): ComputeError {
  const [, pid = ''] = mark.split('-');
  const accepted = `a directory that nobody else has open; process ${pid} has`;
  return new ComputeError('INVALID_CONFIGURATION', { field: 'directory', value: directory, accepted });
}
