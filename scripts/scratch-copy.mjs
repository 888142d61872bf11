import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packages } from './packages.mjs';
import { root } from './run.mjs';

/** What `vitest` and `tsc` read beside the packages, with what their configuration imports. */
const rootParts = [
  'package.json',
  'README.md',
  'tsconfig.base.json',
  'tsconfig.test.json',
  'vitest.config.ts',
  'test',
  'scripts',
];

/** What every package may have that is compiled, run or read by a test. */
const packageParts = ['package.json', 'tsconfig.json', 'src', 'test', 'scripts'];

/**
 * Copies the sources and tests of all packages to an empty folder, with the dependencies of the workspace linked. Nothing that is done in
 * the copy reaches the checkout.
 *
 * @param {string} folder
 */
export function scratchCopy(folder) {
  for (const part of rootParts) cpSync(join(root, part), join(folder, part), { recursive: true });
  linkEntries(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { path } of packages()) {
    const copy = join(folder, 'packages', basename(path));
    const present = new Set(readdirSync(path));
    for (const part of packageParts.filter((each) => present.has(each))) {
      cpSync(join(path, part), join(copy, part), { recursive: true });
    }
    // What was built is only read.
    if (present.has('dist')) symlinkSync(join(path, 'dist'), join(copy, 'dist'));
    if (present.has('node_modules')) linkEntries(join(path, 'node_modules'), join(copy, 'node_modules'));
  }
}

/**
 * A folder of links, and not a link to the folder: tools keep their caches in it.
 *
 * @param {string} from
 * @param {string} to
 */
function linkEntries(from, to) {
  mkdirSync(to, { recursive: true });
  const entries = readdirSync(from).filter((name) => !name.startsWith('.') || name === '.bin');
  for (const name of entries) symlinkSync(join(from, name), join(to, name));
}
