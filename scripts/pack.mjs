import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publishedPackages } from './packages.mjs';
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
