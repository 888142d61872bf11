import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process holds after it has let go of everything it can. */
export interface Held {
  readonly heapMib: number;
  /** Open files and sockets. */
  readonly files: number;
}

/** The memory behind buffers is given back in the turns of the event loop after a collection. */
const COLLECTIONS = 3;

export async function held(): Promise<Held> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < COLLECTIONS; turn++) {
    collect();
    await nextTurn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapMib: (heapUsed + arrayBuffers) / (1024 * 1024), files: readdirSync('/proc/self/fd').length };
}
