import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
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

/**
 * Why not every supported Node can run here; nothing where they can. What Node 26 needs is installed unless it is there.
 *
 * @param {{ hasLibrary?: (name: string) => boolean, install?: (packages: readonly string[]) => Promise<void> }} [machine]
 * @returns {Promise<string | undefined>}
 */
export async function whyNoNodes({ hasLibrary = isLibraryHere, install = installForNodes } = {}) {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return 'they run on three versions of Node, which come as packages for Linux on x64 and arm64 only';
  }
  if (hasLibrary('libatomic.so.1')) return undefined;
  try {
    await install(['libatomic1']);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param {readonly string[]} packages */
async function installForNodes(packages) {
  if (!existsSync('/usr/bin/apt-get')) throw new Error('Node 26 needs libatomic.so.1, which this machine lacks');
  const { installDebianPackages } = await import('../packages/libvirt-testbed/dist/index.js');
  await installDebianPackages(packages, { log: (line) => console.log(`For tests on Node 26: ${line}`) });
}

/** Minimal systems have no ldconfig in the PATH of every user. */
function isLibraryHere(/** @type {string} */ name) {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const places = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', `/lib/${triplet}`, `/usr/lib/${triplet}`];
  return places.some((place) => existsSync(join(place, name)));
}

/**
 * Why guests of a private libvirtd cannot run here, in one sentence that says what to do; nothing where they can.
 *
 * @param {{ unshare?: string, nsenter?: string }} [programs] of util-linux
 * @returns {string | undefined}
 */
export function whyNoMountNamespace({ unshare = 'unshare', nsenter = 'nsenter' } = {}) {
  if (isInChroot(nsenter)) {
    return (
      'a private libvirtd needs a root of its own, and this is a chroot, where libvirt makes the devices of guests outside: ' +
      'enter the directory with systemd-nspawn, or as a container, which changes the root by pivot_root'
    );
  }
  const { status, stderr, error } = spawnSync(unshare, ['--mount', '--propagation', 'private', 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const said = (stderr ?? error?.message ?? '').trim();
  return (
    `a private libvirtd needs a mount namespace of its own, which cannot be had here (${said}): ` +
    'allow this machine or container to mount (CAP_SYS_ADMIN), or use a virtual machine'
  );
}

/** A process that enters its mount namespace anew, as libvirt does for each guest, gets the root of the namespace. */
function isInChroot(/** @type {string} */ nsenter) {
  const { dev, ino } = statSync('/', { bigint: true });
  const { status, stdout } = spawnSync(nsenter, ['--mount=/proc/self/ns/mnt', 'stat', '--format=%d:%i', '/'], {
    encoding: 'utf8',
  });
  return status === 0 && stdout.trim() !== `${dev}:${ino}`;
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
