import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDirectory } from '../cache-directory.js';
import { runCommand } from '../run-command.js';
import { copyCapabilities } from './copy-capabilities.js';
import { daemonAnswers } from './daemon-answers.js';
import { killProcesses } from './kill-processes.js';
import { spawnDaemon, type DaemonProcess } from './spawn-daemon.js';
import { TestbedDirectory } from './testbed-directory.js';

export interface PrivateLibvirtdOptions {
  /**
   * Where everything of the daemon lives; created if missing. Short (its socket path must fit in 107 bytes) and not
   * below libvirt's own directories. Its files have the same absolute path for the daemon, for QEMU and for you.
   */
  readonly directory: string;
  /** What the daemon takes for its machine. Default: the one this directory had before, else a random one. */
  readonly hostUuid?: string;
  /** Where the record of QEMU's abilities is kept between runs. Default `.cache/libvirt-cache` at the root. */
  readonly cacheDirectory?: string;
  /** Default `keep`. With `remove`, `stop` deletes the directory and all in it. */
  readonly directoryAfterStop?: 'keep' | 'remove';
  /** Told each step, one line at a time. */
  readonly log?: (line: string) => void;
  /** How long the daemon may take to answer. Default 60 000; the first start on a machine probes QEMU for seconds. */
  readonly startTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STOP_TIMEOUT_MS = 15_000;
/** How long one attempt to reach a starting daemon lasts, and so how soon an abort is noticed. */
const ANSWER_TIMEOUT_MS = 1_000;
const LOG_TAIL_CHARS = 2_000;

/**
 * Starts a libvirtd of its own, apart from any other on the machine, and resolves when it answers. Needs root.
 *
 * The directory is treated as a host after a power cut: an earlier daemon on it and its guests are killed, definitions
 * and disks are kept. An abort or a failure leaves no process behind.
 */
export async function startPrivateLibvirtd(options: PrivateLibvirtdOptions): Promise<PrivateLibvirtd> {
  const daemon = new PrivateLibvirtd(options);
  if (process.getuid?.() !== 0) {
    throw new Error('a private libvirtd needs root: it makes a mount namespace, tap devices and runs QEMU as root');
  }
  await daemon.start({ previousGuests: 'destroy', ...(options.signal && { signal: options.signal }) });
  return daemon;
}

export interface StartOptions {
  /** `keep` (the default) adopts guests that outlived the daemon, `destroy` ends them first. */
  readonly previousGuests?: 'keep' | 'destroy';
  readonly signal?: AbortSignal;
}

/** A running libvirtd, until {@link PrivateLibvirtd.stop}. Made by {@link startPrivateLibvirtd}. */
export class PrivateLibvirtd {
  readonly directory: string;
  /** For virsh and other clients of libvirt's C library. */
  readonly uri: string;
  /** The daemon's socket, as seen from outside its namespace. */
  readonly socketPath: string;
  /** `lib/images` of the directory. The same absolute path works for QEMU too. */
  readonly imagesDirectory: string;
  /** Another name QEMU has for {@link imagesDirectory}, and the same one for every daemon: disks of migrating guests. */
  readonly imagesDirectoryInside = '/var/lib/libvirt/images';

  readonly #files: TestbedDirectory;
  readonly #options: PrivateLibvirtdOptions;
  readonly #sharedCapabilities: string;
  readonly #log: (line: string) => void;
  #daemon: DaemonProcess | undefined;
  #stopping: Promise<void> | undefined;

  /** @internal use {@link startPrivateLibvirtd} */
  constructor(options: PrivateLibvirtdOptions) {
    if (options.hostUuid !== undefined && !UUID.test(options.hostUuid)) {
      throw new RangeError(`hostUuid ${JSON.stringify(options.hostUuid)} must be a uuid in lower case`);
    }
    this.#files = new TestbedDirectory(options.directory);
    this.#options = options;
    this.#sharedCapabilities = options.cacheDirectory ?? cacheDirectory('libvirt-cache');
    this.#log = options.log ?? (() => {});
    this.directory = this.#files.path;
    this.socketPath = this.#files.socketPath;
    this.uri = `qemu+unix:///system?socket=${this.socketPath}`;
    this.imagesDirectory = this.#files.imagesPath;
  }

  /** @throws Error while no daemon runs, that is after `kill` or `stop` */
  get pid(): number {
    if (!this.#daemon || this.#daemon.ending) throw new Error(`no libvirtd runs on ${this.directory}`);
    return this.#daemon.pid;
  }

  /** Starts the daemon again after `kill`, on the same files and with the same host uuid. Resolves when it answers. */
  async start({ previousGuests = 'keep', signal }: StartOptions = {}): Promise<void> {
    if (this.#daemon && !this.#daemon.ending) throw new Error(`libvirtd ${this.pid} already runs on ${this.directory}`);
    signal?.throwIfAborted();
    const isLeftover = previousGuests === 'destroy' ? () => true : ({ kind }: { kind: string }) => kind === 'daemon';
    await killProcesses(this.directory, isLeftover, { timeoutMs: STOP_TIMEOUT_MS });
    // What a power cut does to a tmpfs. Status files of dead guests would only make the daemon look for them.
    if (previousGuests === 'destroy') await rm(this.#files.runPath, { recursive: true, force: true });
    await rm(this.#files.pidPath, { force: true });
    await this.#files.prepare(this.#options.hostUuid);
    await copyCapabilities(this.#sharedCapabilities, this.#files.capabilitiesPath);
    this.#stopping = undefined;
    try {
      const daemon = await spawnDaemon(this.#files);
      this.#daemon = daemon;
      this.#log(`libvirtd ${daemon.pid} starts on ${this.directory}`);
      await this.#waitUntilItAnswers(daemon, signal);
      await this.#learnCapabilities(signal);
    } catch (error) {
      await this.kill('SIGKILL');
      await killProcesses(this.directory, isLeftover, { timeoutMs: STOP_TIMEOUT_MS });
      throw error;
    }
    this.#log(`libvirtd ${this.pid} answers at ${this.socketPath}`);
  }

  async #waitUntilItAnswers(daemon: DaemonProcess, signal: AbortSignal | undefined): Promise<void> {
    const timeoutMs = this.#options.startTimeoutMs ?? 60_000;
    const deadline = Date.now() + timeoutMs;
    while (!(await daemonAnswers(this.socketPath, ANSWER_TIMEOUT_MS))) {
      signal?.throwIfAborted();
      if (daemon.ending) {
        throw new Error(`libvirtd ended with ${daemon.ending} before it answered: ${await this.#logTail()}`);
      }
      if (Date.now() > deadline) {
        throw new Error(`libvirtd did not answer within ${timeoutMs} ms: ${await this.#logTail()}`);
      }
      await delay(20);
    }
  }

  /**
   * Asks for the hypervisor's version: the daemon probes QEMU when it is first asked, not when it starts, and the first
   * caller would wait for it.
   */
  async #learnCapabilities(signal: AbortSignal | undefined): Promise<void> {
    const timeoutMs = this.#options.startTimeoutMs ?? 60_000;
    await runCommand('virsh', ['--connect', this.uri, 'version'], { timeoutMs, ...(signal && { signal }) });
    await copyCapabilities(this.#files.capabilitiesPath, this.#sharedCapabilities);
  }

  /**
   * Ends the daemon and nothing else: its guests go on. Resolves when it is gone, at once if it is already. One that does
   * not heed the signal within 15 s gets SIGKILL.
   */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGABRT'): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon || daemon.ending) return;
    daemon.kill(signal);
    // A test may have stopped it to play a hung daemon, and a stopped process does not heed SIGTERM.
    daemon.kill('SIGCONT');
    await Promise.race([daemon.ended, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    daemon.kill('SIGKILL');
    await daemon.ended;
  }

  /** Ends the guests, then the daemon, and resolves when nothing of either is left. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    // Guests first, while the daemon is there to release what it holds for them; then once more, for a guest that was
    // just being started.
    await killProcesses(this.directory, ({ kind }) => kind === 'guest', { timeoutMs: STOP_TIMEOUT_MS });
    await this.kill('SIGTERM');
    await killProcesses(this.directory, () => true, { timeoutMs: STOP_TIMEOUT_MS });
    if (this.#options.directoryAfterStop === 'remove') await rm(this.directory, { recursive: true, force: true });
    this.#log(`libvirtd on ${this.directory} is gone`);
  }

  async #logTail(): Promise<string> {
    const read = (path: string) => readFile(path, 'utf8').catch(() => '');
    const text = `${await read(this.#files.outputPath)}${await read(this.#files.logPath)}`.trim();
    return text.slice(-LOG_TAIL_CHARS) || `nothing in ${this.#files.logPath}`;
  }
}
