import { execFile } from 'node:child_process';
import process from 'node:process';
import type { CallOptions } from '@virtkit/core/providers';
import { CommandError } from '../errors/command-error.js';

/** Nova's limits for qemu-img: an honest head of a disk needs far less. */
const ADDRESS_SPACE_BYTES_MAX = 1024 ** 3;
const CPU_SECONDS_MAX = 30;
const OUTPUT_BYTES_MAX = 1024 ** 2;

export interface QemuImgOptions extends CallOptions {
  readonly timeoutMs: number;
}

/**
 * Runs qemu-img without a shell, under limits of memory, CPU time and wall time. Killed at its time limit and when the call is aborted.
 * @throws CommandError
 */
export function qemuImg(args: readonly string[], { timeoutMs, signal }: QemuImgOptions): Promise<void> {
  const limits = [`--as=${ADDRESS_SPACE_BYTES_MAX}`, `--cpu=${CPU_SECONDS_MAX}`, '--core=0'];
  const command = [...limits, '--', 'qemu-img', ...args];
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: OUTPUT_BYTES_MAX,
    // What it says is read here: it must not be in the operator's language.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    execFile('prlimit', command, options, (failure, _stdout, stderr) => {
      if (failure === null) resolve();
      else if (failure.name === 'AbortError') reject(signal?.reason as Error);
      else reject(new CommandError(['qemu-img', ...args], stderr, { cause: failure }));
    });
  });
}
