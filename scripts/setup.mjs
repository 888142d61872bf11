import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root, run } from './run.mjs';

const stamp = join(root, 'node_modules', '.installed-lockfile');
const pinnedNode = join(root, 'node_modules', '.bin', 'node');
const nodeMin = '22.13.0';

/**
 * Installs the dependencies unless they are those of the lockfile already, and answers the Node to run everything with:
 * the pinned one where there is a package of it for this platform, otherwise the one that runs this.
 *
 * @returns {Promise<string>}
 */
export async function ensureInstalled() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
    await install();
    writeFileSync(stamp, lockfile);
  }
  return usableNode();
}

async function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`Installing the dependencies with ${packageManager} (a minute the first time) ...`);
  // `error`: otherwise pnpm complains that the Node that runs it is too old, which is what it is about to mend.
  const install = ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=error'];
  const code = await run('npx', ['--yes', '--loglevel=error', '--no-update-notifier', packageManager, ...install]);
  if (code !== 0) throw new Error(`the dependencies could not be installed: ${packageManager} ended with ${code}`);
}

/** @returns {string} */
function usableNode() {
  // It can be there and still not run: a package for glibc on a system with another C library.
  if (existsSync(pinnedNode) && spawnSync(pinnedNode, ['--version']).status === 0) return pinnedNode;
  if (isAtLeast(process.versions.node, nodeMin)) return process.execPath;
  throw new Error(
    `Node ${nodeMin} or newer is needed. On Linux (x64 and arm64, glibc) it comes with the dependencies; ` +
      `on ${process.platform} ${process.arch} please install it first: this is Node ${process.versions.node}.`,
  );
}

/** @param {string} version @param {string} least */
function isAtLeast(version, least) {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}
