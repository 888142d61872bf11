import { join } from 'node:path';
import process from 'node:process';
import { root, run } from './run.mjs';

/** Compiles what has changed since the last time. Ends this process when something does not compile. */
export async function build() {
  const code = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
  if (code !== 0) {
    console.error('The packages do not compile: see above.');
    process.exit(code);
  }
}
