import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ComputeError, type Leader } from '@virtkit/core/providers';
import { writeDurably } from './durable-file.js';
import { makeDirectory } from './make-directory.js';

/**
 * The highest epoch that a provider has seen of each host: an empty file for it, named after the host and the epoch. A file is never written
 * anew and only files of lower epochs are removed, so that a process that was paused in the middle of this takes nothing back.
 */
export class LeaderEpochs {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string, what: string): Promise<LeaderEpochs> {
    const path = join(directory, `${what}.epochs`);
    await makeDirectory(path);
    return new LeaderEpochs(path);
  }

  /**
   * Lets a change of a manager in, and remembers its epoch. A call without a leader is somebody's by hand.
   * @throws ComputeError `SESSION_LOST` when a later manager of the same host was seen
   */
  async admit(leader: Leader | undefined): Promise<void> {
    if (leader === undefined) return;
    const prefix = `${hostMark(leader.host)}.`;
    const names = (await readdir(this.#directory)).filter((name) => name.startsWith(prefix));
    const epochs = names.map((name) => Number(name.slice(prefix.length))).filter(Number.isSafeInteger);
    if (epochs.some((epoch) => epoch > leader.epoch)) throw new ComputeError('SESSION_LOST', {});
    if (epochs.includes(leader.epoch)) return;
    await writeDurably(join(this.#directory, `${prefix}${leader.epoch}`), '');
    for (const epoch of epochs) await rm(join(this.#directory, `${prefix}${epoch}`), { force: true });
  }
}

/** A name of any length and spelling becomes one that every file system takes. */
function hostMark(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 32);
}
