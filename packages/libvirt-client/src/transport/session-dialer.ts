import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import { isRoot, type LocalUser } from './local-user.js';
import { unixDialer } from './socket-dialer.js';
import type { Dialer, Transport, TransportListener } from './transport.js';

/** A daemon nobody has been connected to for so long ends by itself. */
const IDLE_SECONDS = 120;
const POLL_INTERVAL_MS = 50;
/** Where daemons are when the PATH does not lead there, as a user's seldom does. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'];

/**
 * Dials the daemon of a user's session, and starts it when it does not run, as the C library does: the driver's own
 * daemon where that is installed, else libvirtd. LIBVIRTD_PATH names another program; LIBVIRT_AUTOSTART=0 turns it off.
 * The daemon goes on after this process.
 */
export function sessionDialer(socketPaths: readonly string[], user: LocalUser = {}): Dialer {
  const { env = process.env } = user;
  const dial = unixDialer(...socketPaths);
  return async (listener, options) => {
    try {
      return await dial(listener, options);
    } catch (error) {
      if (!(error instanceof LibvirtConnectionError)) throw error;
      if (isRoot(user))
        throw unreachable(`${error.message}. root has no daemon of a session: use qemu:///system`, error);
      if (env['LIBVIRT_AUTOSTART'] === '0') {
        throw unreachable(`${error.message}. LIBVIRT_AUTOSTART=0 forbids to start it: start it, or unset that`, error);
      }
      return await startAndDial(dial, listener, { socketPaths, env, signal: options.signal });
    }
  };
}

interface Start {
  readonly socketPaths: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * Another client may be starting it too. Then one of the daemons finds the lock taken and ends, so an end is no failure
 * as long as somebody listens in the end; when to give up is for the caller's deadline.
 */
async function startAndDial(dial: Dialer, listener: TransportListener, start: Start): Promise<Transport> {
  const { signal } = start;
  const program = await findDaemon(start);
  const ended = startDaemon(program, start.env);
  let lastChance = false;
  void ended.promise.then(() => (lastChance = true));
  for (;;) {
    const isLast = lastChance;
    try {
      return await dial(listener, signal === undefined ? {} : { signal });
    } catch (error) {
      if (!(error instanceof LibvirtConnectionError)) throw error;
      if (isLast) throw unreachable(`${program} was started, but ${await ended.promise}: ${error.message}`, error);
    }
    await sleep(POLL_INTERVAL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Resolves to how it has ended, should it end. Never rejects. */
function startDaemon(program: string, env: NodeJS.ProcessEnv): { readonly promise: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = spawn(program, [`--timeout=${IDLE_SECONDS}`], { env, stdio: 'ignore', detached: true });
  child.once('error', (error) => resolve(error.message));
  child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
  child.unref();
  return { promise };
}

async function findDaemon({ socketPaths, env }: Start): Promise<string> {
  const named = env['LIBVIRTD_PATH'];
  if (named) return named;
  const directories = [...(env['PATH'] ?? '').split(delimiter).filter((path) => path !== ''), ...SYSTEM_DIRECTORIES];
  // The socket of virtqemud is virtqemud-sock, but libvirtd's is libvirt-sock.
  const programs = socketPaths.map((path) => /(\w+)-sock$/.exec(path)?.[1]?.replace(/^libvirt$/, 'libvirtd'));
  for (const program of programs.filter((name) => name !== undefined)) {
    for (const directory of directories) {
      const path = join(directory, program);
      if (await isExecutable(path)) return path;
    }
  }
  const looked = programs.join(' nor ');
  throw unreachable(`the daemon of this session does not run, and there is neither ${looked} to start`, undefined);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function unreachable(message: string, cause: unknown): LibvirtConnectionError {
  return new LibvirtConnectionError(message, { reason: 'unreachable', sent: false }, { cause });
}
