// `npm run pack [-- DIRECTORY]`: compiles and packs the published packages, and says how a project installs them.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from './build.mjs';
import { publishedPackages } from './packages.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { root } from './run.mjs';

/**
 * Packs every published package as publishing would: `workspace:*` becomes the version, the licence comes along.
 *
 * @param {string} destination an existing directory
 * @returns {Promise<Map<string, string>>} package name → tarball
 */
export async function pack(destination) {
  const published = publishedPackages();
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const filters = published.flatMap(({ manifest }) => ['--filter', manifest.name]);
  const args = [
    '--yes',
    '--loglevel=error',
    packageManager,
    '-r',
    ...filters,
    'pack',
    '--pack-destination',
    destination,
  ];
  await promisify(execFile)('npx', args, { cwd: root });
  return new Map(published.map(({ manifest: { name, version } }) => [name, join(destination, tarball(name, version))]));
}

/** @param {string} name @param {string} version */
function tarball(name, version) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

/** The command that installs packed packages into the project in the present directory: all in one, as they need each other. */
export function installCommand(/** @type {Iterable<string>} */ tarballs) {
  return `npm install ${[...tarballs].join(' ')}`;
}

async function main() {
  const [directory = join(root, '.cache', 'packages'), surplus] = process.argv.slice(2);
  if (surplus !== undefined || directory.startsWith('-')) {
    console.error('accepted: npm run pack [-- DIRECTORY], where the packages go; without one, .cache/packages');
    process.exit(2);
  }
  await onPinnedNode(import.meta.url);
  await build();
  const destination = resolve(directory);
  mkdirSync(destination, { recursive: true });
  const tarballs = await pack(destination);
  console.log(`${tarballs.size} packages are in ${destination}. In your own project:\n`);
  console.log(installCommand(tarballs.values()));
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main();
