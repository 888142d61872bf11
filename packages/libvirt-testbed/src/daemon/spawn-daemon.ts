import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isRefusal } from '../is-refusal.js';
import { boundAccounts } from './bound-accounts.js';
import { keeperScript } from './keeper-script.js';
import { boundDirectories, type TestbedDirectory } from './testbed-directory.js';

/**
 * Runs inside the new mount namespace, with every word as an argument: the directory, the pid of our process, pairs of a
 * name in the directory and the path it is bound over, `--`, and what to run then.
 *
 * A parent that died before setpriv asked for the death signal would never send it, hence the look at $PPID. D-Bus is
 * covered up, so that the daemon registers its guests with no systemd-machined, where two daemons' names would clash.
 * So would the names of their control groups, which is why there are none to see either: guests stay in the group their
 * owner is in, and under its limits.
 */
const ENTER = `
set -eu
dir=$1 parent=$2
shift 2
[ "$PPID" = "$parent" ] || { echo "the process that asked for this daemon is gone" >&2; exit 1; }
while [ "$1" != -- ]; do
  mount --bind "$dir/$1" "$2"
  shift 2
done
shift
if [ -d /run/dbus ]; then mount --bind "$dir/empty" /run/dbus; fi
if mountpoint --quiet /sys/fs/cgroup; then umount --recursive --lazy /sys/fs/cgroup; fi
exec "$@"
`;

/** A mount may hang; all else up to the keeper's first line takes milliseconds. */
const KEEPER_TIMEOUT_MS = 15_000;

/** A libvirtd that was started, whether or not it still runs. */
export interface DaemonProcess {
  readonly pid: number;
  /** Undefined while it runs, then `SIGKILL` or `exit code 1` or the like. */
  readonly ending: string | undefined;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<void>;
  /** Does nothing when it has ended. */
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts libvirtd in a mount namespace of its own, below a keeper that ends it and its guests when this process dies.
 * Its output is appended to a file. A session of its own keeps the terminal's Ctrl-C away from it, so that the guests
 * can be ended in order.
 * @throws Error when it could not be started, its output says why
 */
export async function spawnDaemon(directory: TestbedDirectory): Promise<DaemonProcess> {
  const pairs = [...boundDirectories, ...boundAccounts].flatMap(({ name, inside }) => [name, inside]);
  const libvirtd = ['libvirtd', '--pid-file', directory.pidPath];
  const keeper = ['perl', '-e', keeperScript, '--', ...libvirtd];
  const enter = ['sh', '-c', ENTER, 'private-libvirtd', directory.path, String(process.pid), ...pairs, '--', ...keeper];
  const args = ['--pdeathsig', 'TERM', 'unshare', '--mount', '--propagation', 'private', ...enter];
  const output = await open(directory.outputPath, 'a');
  try {
    const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', output.fd], detached: true });
    await once(child, 'spawn');
    const deadline = setTimeout(() => child.kill('SIGKILL'), KEEPER_TIMEOUT_MS);
    child.once('close', () => clearTimeout(deadline));
    const lines = createInterface({ input: child.stdout as Readable });
    return await new Promise((resolve, reject) => {
      let daemon: KeptDaemon | undefined;
      lines.on('line', (line) => {
        const [word, value] = line.split(' ');
        if (word === 'started') {
          clearTimeout(deadline);
          resolve((daemon = new KeptDaemon(Number(value))));
        }
        if (word === 'ended') daemon?.end(describeStatus(Number(value)));
      });
      child.once('close', (code, signal) => {
        daemon?.end(`SIGKILL, as its keeper ended with ${signal ?? `exit code ${code}`}`);
        reject(new Error(`libvirtd's keeper ended with ${signal ?? `exit code ${code}`}`));
      });
    });
  } finally {
    await output.close();
  }
}

class KeptDaemon implements DaemonProcess {
  readonly #ended = Promise.withResolvers<void>();
  #ending: string | undefined;

  constructor(readonly pid: number) {}

  get ending(): string | undefined {
    return this.#ending;
  }
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  end(how: string): void {
    this.#ending ??= how;
    this.#ended.resolve();
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#ending !== undefined) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if (!isRefusal(error, 'ESRCH')) throw error;
    }
  }
}

/** A wait status has the signal in its low seven bits and the exit code above the eighth. */
function describeStatus(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return `exit code ${status >> 8}`;
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}
