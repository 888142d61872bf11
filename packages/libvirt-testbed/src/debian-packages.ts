import { CommandFailed, runCommand } from './run-command.js';
import { isRefusal } from './is-refusal.js';

/**
 * The Debian packages whose programs are run or copied into the guest. libvirt-daemon-system is left out on purpose: it
 * would start a libvirtd for the whole machine. The guest's kernel is downloaded, never installed.
 */
export const requiredDebianPackages = [
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
  'busybox-static',
  'qemu-guest-agent',
  'iproute2',
  'mount',
  'util-linux',
] as const;

/** Programs that nobody here wrote, against which tests compare: other clients of libvirt, and a dissector of its packets. */
export const oracleDebianPackages = ['python3-libvirt', 'tshark', 'libvirt-wireshark', 'openssl', 'perl'] as const;

const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;

/**
 * Resolves to those of `names` that are not installed; empty when all is there. Changes nothing. Without names, those that
 * the testbed itself requires.
 * @throws Error on a machine that is not Debian or not x86-64
 */
export async function missingDebianPackages(
  names: readonly string[] = requiredDebianPackages,
): Promise<readonly string[]> {
  if (process.arch !== 'x64') throw new Error(`the test guest is x86-64 only, this machine is ${process.arch}`);
  const installed = new Set(await installedPackages(names));
  return names.filter((name) => !installed.has(name));
}

async function installedPackages(names: readonly string[]): Promise<readonly string[]> {
  const listing = await runCommand('dpkg-query', ['--show', '--showformat=${db:Status-Status} ${Package}\\n', ...names])
    // Code 1 says that some of the packages are unknown; the others are listed all the same.
    .catch((error: unknown) => {
      if (error instanceof CommandFailed && error.exitCode === 1) return error.stdout;
      throw explained(error, 'dpkg-query');
    });
  return [...listing.matchAll(/^installed (\S+)$/gm)].map((match) => match[1] as string);
}

export interface InstallOptions {
  /** Told what will be done before it is done, and when it is finished. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Installs packages with apt-get, asking nothing and without recommended extras. Resolves when all are installed; does
 * nothing for an empty list. An abort ends apt-get, which may leave packages unpacked but not configured.
 * @throws Error before anything has changed when a name is no package name, or without root
 */
export async function installDebianPackages(names: readonly string[], options: InstallOptions = {}): Promise<void> {
  const { log = () => {}, signal } = options;
  const wrong = names.find((name) => !PACKAGE_NAME.test(name));
  if (wrong !== undefined) throw new RangeError(`${JSON.stringify(wrong)} is not the name of a Debian package`);
  if (names.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`these Debian packages are missing and only root may install them: ${names.join(' ')}`);
  }

  log(`installing Debian packages with apt-get: ${names.join(' ')}`);
  const shared = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 900_000, ...(signal && { signal }) };
  const wait = ['--quiet', '--yes', '-o', 'DPkg::Lock::Timeout=300'];
  try {
    await runCommand('apt-get', [...wait, 'update'], shared);
    await runCommand('apt-get', [...wait, 'install', '--no-install-recommends', ...names], shared);
  } catch (error) {
    throw explained(error, 'apt-get');
  }
  log(`installed ${names.length} Debian packages`);
}

function explained(error: unknown, program: string): unknown {
  if (!(error instanceof CommandFailed) || !isRefusal(error.cause, 'ENOENT')) return error;
  return new Error(`${program} is not on this machine: the testbed needs Debian 12 or newer`, { cause: error });
}
