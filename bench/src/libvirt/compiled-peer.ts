import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { peerSource } from '../peer/peer-process.js';

/** Compiles a peer written in C into the directory, with whatever C compiler there is. Answers the program's path. */
export async function compiledPeer(name: string, directory: string): Promise<string> {
  const program = join(directory, name);
  await promisify(execFile)('cc', ['-O2', '-Wall', '-Werror', '-o', program, peerSource(`${name}.c`)]);
  return program;
}
