import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { packages } from './packages.mjs';
import { root } from './run.mjs';

/**
 * @typedef {object} Gap
 * @property {'real' | 'packed'} project of vitest.config.ts
 * @property {readonly string[]} files
 * @property {string} reason
 */

/**
 * Makes this machine ready for every test as far as it may, and answers what it cannot run, and why. As root on a
 * Debian-like system that means installing the missing packages, which is said first.
 *
 * @returns {Promise<Gap[]>}
 */
export async function whatCannotRun() {
  /** @type {Gap[]} */
  const gaps = [];
  const real = await whyNoLibvirt();
  if (real !== undefined) gaps.push({ project: 'real', files: realTests(), reason: real });
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    const reason = 'they run on three versions of Node, which come as packages for Linux on x64 and arm64 only';
    gaps.push({ project: 'packed', files: ['test/pack.test.ts'], reason });
  }
  return gaps;
}

/** @returns {Promise<string | undefined>} nothing when tests on a real libvirt can run */
async function whyNoLibvirt() {
  if (process.platform !== 'linux') return 'a private libvirtd needs Linux';
  if (process.getuid?.() !== 0) return 'a private libvirtd needs namespaces of its own: run this as root';
  if (!existsSync('/usr/bin/apt-get')) return 'the packages of libvirt and QEMU are known for Debian-like systems only';

  const testbed = await import('../packages/libvirt-testbed/dist/index.js');
  const { installDebianPackages, missingDebianPackages, oracleDebianPackages, requiredDebianPackages } = testbed;
  try {
    const missing = await missingDebianPackages([...requiredDebianPackages, ...oracleDebianPackages]);
    await installDebianPackages(missing, { log: (line) => console.log(`For tests on a real libvirt: ${line}`) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function realTests() {
  return packages().flatMap(({ path }) => {
    const folder = join(path, 'test');
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
    return files.filter((file) => file.endsWith('.real.test.ts')).map((file) => relative(root, join(folder, file)));
  });
}
