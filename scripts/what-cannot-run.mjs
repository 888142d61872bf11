import { spawnSync } from 'node:child_process';
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
  const packed = await whyNoNodes();
  if (packed !== undefined) gaps.push({ project: 'packed', files: ['test/pack.test.ts'], reason: packed });
  return gaps;
}

/** @returns {Promise<string | undefined>} nothing when every supported Node can run */
async function whyNoNodes() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return 'they run on three versions of Node, which come as packages for Linux on x64 and arm64 only';
  }
  if (hasLibrary('libatomic.so.1')) return undefined;
  const { installDebianPackages } = await import('../packages/libvirt-testbed/dist/index.js');
  try {
    if (!existsSync('/usr/bin/apt-get')) throw new Error('Node 26 needs libatomic.so.1, which this machine lacks');
    await installDebianPackages(['libatomic1'], { log: (line) => console.log(`For tests on Node 26: ${line}`) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Minimal systems have no ldconfig in the PATH of every user. */
function hasLibrary(/** @type {string} */ name) {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const places = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', `/lib/${triplet}`, `/usr/lib/${triplet}`];
  return places.some((place) => existsSync(join(place, name)));
}

/**
 * Why a mount namespace cannot be had here, in one sentence that says what to do; nothing where it can.
 *
 * @param {string} [unshare] the program of util-linux
 * @returns {string | undefined}
 */
export function whyNoMountNamespace(unshare = 'unshare') {
  const { status, stderr, error } = spawnSync(unshare, ['--mount', '--propagation', 'private', 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const said = (stderr ?? error?.message ?? '').trim();
  const place = said.includes('root filesystem propagation')
    ? 'a chroot whose root is no mount point: bind the directory onto itself (mount --bind DIR DIR) before chroot, or use systemd-nspawn'
    : 'allow this machine or container to mount (CAP_SYS_ADMIN), or use a virtual machine';
  return `a private libvirtd needs a mount namespace of its own, which cannot be had here (${said}): ${place}`;
}

/** @returns {Promise<string | undefined>} nothing when tests on a real libvirt can run */
async function whyNoLibvirt() {
  if (process.platform !== 'linux') return 'a private libvirtd needs Linux';
  if (process.getuid?.() !== 0) return 'a private libvirtd needs namespaces of its own: run this as root';
  if (!existsSync('/usr/bin/apt-get')) return 'the packages of libvirt and QEMU are known for Debian-like systems only';

  const testbed = await import('../packages/libvirt-testbed/dist/index.js');
  const { installDebianPackages, missingDebianPackages, oracleDebianPackages, requiredDebianPackages } = testbed;
  const refusal = whyNoMountNamespace();
  if (refusal !== undefined) return refusal;
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
