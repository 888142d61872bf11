import { spawn } from 'node:child_process';
import type { Protection, Transport, TransportListener } from './transport.js';

/** How a process has ended. */
export interface ProcessEnd {
  readonly how: string;
  /** The end of what it wrote to its standard error, trimmed. */
  readonly stderr: string;
}

export interface ProcessTransportOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly protection: Protection;
  /** What the listener is told of the end of a process that was not destroyed. */
  failure(end: ProcessEnd): Error;
  readonly signal?: AbortSignal | undefined;
}

const STDERR_CHARS_MAX = 2_000;
/** For what the process has left in its pipes, or handed to children that keep them open. */
const LAST_WORDS_MS = 500;
const KILL_AFTER_MS = 2_000;

/**
 * A process as transport: what it reads is sent, what it writes was received. Resolves when it runs; whether it gets
 * anywhere, only the first answer tells.
 */
export function processTransport(options: ProcessTransportOptions, listener: TransportListener): Promise<Transport> {
  const { promise, resolve, reject } = Promise.withResolvers<Transport>();
  options.signal?.throwIfAborted();
  // Not through a shell, and with this process's terminal: ssh may ask for a passphrase there.
  const child = spawn(options.file, options.args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  let lastWords = '';
  let destroyed = false;
  let ended = false;
  let exit = 'it could not be started';

  const end = (): void => {
    if (ended) return;
    ended = true;
    stdout.destroy();
    stderr.destroy();
    listener.ended(destroyed ? undefined : options.failure({ how: exit, stderr: lastWords.trim() }));
  };
  const destroy = (): void => {
    if (destroyed || ended) return;
    destroyed = true;
    stdin.destroy();
    stdout.destroy();
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };

  // How a process failed is told by its end; that it does not read any more says less.
  stdin.on('error', () => undefined);
  stdin.on('drain', () => listener.drained());
  stdout.on('data', (chunk: Buffer) => {
    if (!destroyed) listener.received(chunk);
  });
  stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-STDERR_CHARS_MAX);
  });
  child.on('exit', (code, signal) => {
    exit = signal === null ? `it ended with code ${code}` : `${signal} ended it`;
    setTimeout(end, LAST_WORDS_MS).unref();
  });
  child.on('close', end);
  child.on('error', (error) => {
    if (child.pid !== undefined) return;
    exit = error.message;
    reject(options.failure({ how: exit, stderr: '' }));
  });
  child.once('spawn', () => {
    resolve({
      protection: options.protection,
      write(bytes) {
        if (stdin.writable) stdin.write(bytes);
      },
      get bufferedBytes() {
        return stdin.writableLength;
      },
      pause: () => void stdout.pause(),
      resume: () => void stdout.resume(),
      destroy,
    });
  });
  return promise;
}
