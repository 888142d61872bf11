import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { boundAccounts, writeAccounts } from '@virtkit/libvirt-testbed';
import { RpcConnection } from '../../src/index.js';

/**
 * Runs in a mount namespace of its own: binds directories over libvirt's and accounts over the host's, so that this daemon and any other on the
 * machine do not see each other, and becomes the daemon.
 */
const ENTER = `
set -eu
dir=$1; shift
for pair in run:/run/libvirt etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt; do
  mkdir -p "\${pair#*:}"
  mount --bind "$dir/\${pair%%:*}" "\${pair#*:}"
done
for pair in ${boundAccounts.map(({ name, inside }) => `${name}:${inside}`).join(' ')}; do
  mount --bind "$dir/\${pair%%:*}" "\${pair#*:}"
done
exec "$@"
`;
const START_TIMEOUT_MS = 60_000;

export interface ListeningLibvirtdOptions {
  readonly directory: string;
  /** With cacert.pem, servercert.pem and serverkey.pem. */
  readonly pki: string;
  /** What every socket but that for readers asks for. */
  readonly auth: 'none' | 'sasl';
  /** The text of SASL's libvirt.conf. */
  readonly sasl?: string;
}

/** A libvirtd of a test's own that listens on unix, TCP and TLS, the latter two at 127.0.0.1 only. */
export class ListeningLibvirtd implements AsyncDisposable {
  static async start(options: ListeningLibvirtdOptions): Promise<ListeningLibvirtd> {
    const { directory } = options;
    for (const name of ['run', 'etc/qemu', 'lib/images', 'cache', 'log', 'sasl']) {
      await mkdir(join(directory, name), { recursive: true });
    }
    await writeAccounts(directory);
    const [tcpPort, tlsPort] = [await freePort(), await freePort()];
    await writeFile(join(directory, 'etc/libvirtd.conf'), settings(options, tcpPort, tlsPort));
    await writeFile(join(directory, 'sasl/libvirt.conf'), options.sasl ?? '');
    const output = await open(join(directory, 'log/output'), 'w');
    const daemon = ['libvirtd', '--listen', '--pid-file', join(directory, 'pid')];
    const enter = ['--mount', '--propagation', 'private', 'sh', '-c', ENTER, 'enter', directory, ...daemon];
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'unshare', ...enter], {
      stdio: ['ignore', output.fd, output.fd],
      env: { ...process.env, SASL_CONF_PATH: join(directory, 'sasl') },
    });
    await output.close();
    const started = new ListeningLibvirtd(directory, child, tcpPort, tlsPort);
    await started.#untilItAnswers();
    return started;
  }

  private constructor(
    readonly directory: string,
    readonly process: ChildProcess,
    readonly tcpPort: number,
    readonly tlsPort: number,
  ) {}

  /** setpriv, unshare and sh have become the daemon, each in turn. */
  get pid(): number {
    return this.process.pid as number;
  }

  get socketPath(): string {
    return join(this.directory, 'run/libvirt-sock');
  }

  async #untilItAnswers(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        const socketPath = `${this.socketPath}-ro`;
        const connection = await RpcConnection.open({ uri: 'test:///default', socketPath, access: 'read-only' });
        return await connection.close();
      } catch (error) {
        const said = await readFile(join(this.directory, 'log/output'), 'utf8');
        if (this.process.exitCode !== null) throw new Error(`libvirtd ended: ${said}`, { cause: error });
        if (Date.now() > deadline) throw new Error(`libvirtd does not answer: ${said}`, { cause: error });
        await delay(50);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}

function settings({ auth, pki }: ListeningLibvirtdOptions, tcpPort: number, tlsPort: number): string {
  return `listen_tls = 1
listen_tcp = 1
listen_addr = "127.0.0.1"
tcp_port = "${tcpPort}"
tls_port = "${tlsPort}"
ca_file = "${pki}/cacert.pem"
cert_file = "${pki}/servercert.pem"
key_file = "${pki}/serverkey.pem"
auth_unix_ro = "none"
auth_unix_rw = "${auth}"
auth_tcp = "${auth}"
auth_tls = "${auth}"
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
