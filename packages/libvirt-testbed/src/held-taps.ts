import { readdir, readFile } from 'node:fs/promises';
import { unlessGone } from './unless-gone.js';

/** The names of the tap devices that processes have open, as the kernel tells for each of their file descriptors. */
export async function heldTaps(pids: readonly number[]): Promise<readonly string[]> {
  const taps = new Set<string>();
  for (const pid of pids) {
    const descriptors = (await unlessGone(readdir(`/proc/${pid}/fdinfo`))) ?? [];
    for (const descriptor of descriptors) {
      const text = (await unlessGone(readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))) ?? '';
      const tap = /^iff:\t(\S+)$/m.exec(text)?.[1];
      if (tap) taps.add(tap);
    }
  }
  return [...taps];
}
