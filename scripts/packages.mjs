import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * @typedef {object} Manifest what we read of a package.json
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string} [license]
 * @property {readonly string[]} [files]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [devDependencies]
 * @property {Readonly<Record<string, Readonly<Record<string, string>>>>} [exports]
 * @property {Readonly<Record<string, string>>} [bin]
 */

/**
 * @typedef {object} Package
 * @property {string} folder its name under packages/
 * @property {string} path
 * @property {Manifest} manifest
 */

/** @returns {Package[]} every package of the workspace that has a folder under packages/, by name */
export function packages() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((folder) => {
      const path = join(root, 'packages', folder);
      return { folder, path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) };
    });
}

/** @returns {Package[]} those that are published */
export function publishedPackages() {
  return packages().filter(({ manifest }) => manifest.private !== true);
}
