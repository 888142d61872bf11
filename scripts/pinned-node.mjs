import { delimiter, join } from 'node:path';
import { realpathSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { root, run } from './run.mjs';
import { ensureInstalled } from './setup.mjs';
import { swallowedOptions } from './swallowed-options.mjs';

/**
 * Returns only on the Node that everything is run with, with the dependencies installed and their programs first in PATH.
 * On any other Node, runs the script of this URL again on the right one, and exits as it did.
 *
 * @param {string} scriptUrl
 * @param {readonly string[]} options the names of the options it knows, in the order in which they make sense
 */
export async function onPinnedNode(scriptUrl, options = []) {
  const swallowed = swallowedOptions(options, process.env, process.argv.slice(2));
  if (swallowed !== undefined) {
    console.error(swallowed);
    process.exit(2);
  }
  const node = await ensureInstalled().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
  const bin = join(root, 'node_modules', '.bin');
  const path = (process.env['PATH'] ?? '').split(delimiter);
  if (path[0] !== bin) process.env['PATH'] = [bin, ...path].join(delimiter);
  if (realpathSync(node) === realpathSync(process.execPath)) return;
  process.exit(await run(node, [fileURLToPath(scriptUrl), ...process.argv.slice(2)]));
}
