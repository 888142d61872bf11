import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRefusal } from '../is-refusal.js';
import { writeAccounts } from './bound-accounts.js';

/**
 * The host directories a private daemon gets bound over libvirt's own, inside its mount namespace only. Libvirt's paths
 * are compiled in: no setting moves them, and two daemons that share them refuse to run.
 */
export const boundDirectories = [
  { name: 'run', inside: '/run/libvirt' },
  { name: 'etc', inside: '/etc/libvirt' },
  { name: 'lib', inside: '/var/lib/libvirt' },
  { name: 'cache', inside: '/var/cache/libvirt' },
  { name: 'log', inside: '/var/log/libvirt' },
] as const;

/** What `sockaddr_un` holds besides its closing zero byte. */
const SOCKET_PATH_BYTES_MAX = 107;
const PLAIN_PATH = /^\/[\w./+-]+$/;

/** The files of one private daemon, as seen from outside its namespace. */
export class TestbedDirectory {
  readonly path: string;

  /** @throws RangeError when the path could not work; nothing has been touched */
  constructor(path: string) {
    this.path = resolve(path);
    if (!PLAIN_PATH.test(this.path)) {
      throw new RangeError(`directory ${JSON.stringify(path)} must consist of letters, digits and / . _ + -`);
    }
    const hidden = boundDirectories.find(({ inside }) => `${this.path}/`.startsWith(`${inside}/`));
    if (hidden) {
      throw new RangeError(`directory ${this.path} is below ${hidden.inside}, which the private daemon cannot see`);
    }
    const bytes = Buffer.byteLength(this.socketPath);
    if (bytes > SOCKET_PATH_BYTES_MAX) {
      throw new RangeError(
        `directory ${this.path} is too long: its socket path has ${bytes} bytes, at most ${SOCKET_PATH_BYTES_MAX} work`,
      );
    }
  }

  get runPath(): string {
    return join(this.path, 'run');
  }
  get socketPath(): string {
    return join(this.runPath, 'libvirt-sock');
  }
  get pidPath(): string {
    return join(this.path, 'libvirtd.pid');
  }
  get imagesPath(): string {
    return join(this.path, 'lib/images');
  }
  get capabilitiesPath(): string {
    return join(this.path, 'cache/qemu/capabilities');
  }
  get logPath(): string {
    return join(this.path, 'log/libvirtd.log');
  }
  get outputPath(): string {
    return join(this.path, 'log/libvirtd.out');
  }

  /** Creates what is missing and writes the configuration. A host uuid once given stays when none is asked for. */
  async prepare(hostUuid: string | undefined): Promise<void> {
    const names = ['run', 'etc/qemu/networks', 'etc/nwfilter', 'etc/secrets', 'lib/qemu', 'lib/images', 'log', 'empty'];
    for (const name of [...names, 'cache/qemu/capabilities']) await mkdir(join(this.path, name), { recursive: true });
    for (const { inside } of boundDirectories) await mkdir(inside, { recursive: true });

    await writeAccounts(this.path);
    const uuid = hostUuid ?? (await this.#recordedHostUuid()) ?? randomUUID();
    await writeFile(join(this.path, 'host-uuid'), `${uuid}\n`);
    await writeFile(join(this.path, 'etc/libvirt.conf'), '');
    await writeFile(join(this.path, 'etc/qemu.conf'), qemuSettings);
    await writeFile(join(this.path, 'etc/libvirtd.conf'), daemonSettings(uuid));
  }

  async #recordedHostUuid(): Promise<string | undefined> {
    try {
      return (await readFile(join(this.path, 'host-uuid'), 'utf8')).trim();
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

/**
 * User and group root: where QEMU's own user may not open /dev/kvm, libvirt probes QEMU anew for every guest, which
 * makes a start take a minute. stdio_handler "file" needs no virtlogd beside the daemon.
 */
const qemuSettings = `security_driver = "none"
user = "root"
group = "root"
remember_owner = 0
stdio_handler = "file"
`;

function daemonSettings(hostUuid: string): string {
  const log = boundDirectories.find(({ name }) => name === 'log')?.inside;
  return `listen_tls = 0
auth_unix_rw = "none"
auth_unix_ro = "none"
host_uuid = "${hostUuid}"
log_outputs = "2:file:${log}/libvirtd.log"
`;
}
