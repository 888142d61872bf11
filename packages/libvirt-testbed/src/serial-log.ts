import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isRefusal } from './is-refusal.js';

const LOG_BYTES_MAX = 1024 * 1024;
const POLL_INTERVAL_MS = 25;
const TERMINAL_CODES = /\x1b(?:\[[0-9;?]*[A-Za-z]|c)|\r/g;

/**
 * What a guest has written to the file behind its serial port, at most the last MiB of it, without carriage returns and
 * terminal codes. Empty when the file does not exist yet.
 */
export async function readSerialLog(path: string): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, LOG_BYTES_MAX);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead).replace(TERMINAL_CODES, '');
  } finally {
    await file.close();
  }
}

export interface WaitForLineOptions {
  /** Default 30 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Resolves to the first finished line that matches, at once if it is in the log already. The log is looked at again and
 * again: QEMU creates the file late, and truncates it when the guest starts anew.
 * @throws Error with the log's tail when the time is over, or the reason of an aborted `signal`
 */
export async function waitForLine(path: string, pattern: RegExp, options: WaitForLineOptions = {}): Promise<string> {
  const { timeoutMs = 30_000, signal } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const log = await readSerialLog(path);
    const line = log
      .split('\n')
      .slice(0, -1)
      .find((text) => text.search(pattern) >= 0);
    if (line !== undefined) return line;
    if (Date.now() > deadline) {
      const tail = log.trim().slice(-1_000) || 'nothing';
      throw new Error(`no line matching ${pattern} in ${path} within ${timeoutMs} ms; the guest wrote: ${tail}`);
    }
    // An abort ends the wait early; the loop then throws its reason.
    await delay(POLL_INTERVAL_MS, undefined, signal && { signal }).catch(() => {});
  }
}
