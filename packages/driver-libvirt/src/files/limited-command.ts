import { execFile, type ExecFileException } from 'node:child_process';
import { CommandError, type CommandProblem } from '../errors/command-error.js';

/** Nova's limits for qemu-img: an image made to harm needs more than reading the head of an honest one. */
const ADDRESS_SPACE_BYTES_MAX = 1024 ** 3;
const CPU_SECONDS_MAX = 30;
const OUTPUT_BYTES_MAX = 1024 ** 2;

export interface LimitedCommandOptions {
  /** The program is killed when it is over. */
  readonly timeoutMs: number;
  /** The program is killed when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program of the host without a shell, under limits of memory, CPU time and wall time, and resolves with what it
 * printed. The limits are set by `prlimit` of util-linux, which every Linux that runs libvirt has.
 * @throws CommandError
 */
export function limitedCommand(
  program: string,
  args: readonly string[],
  { timeoutMs, signal }: LimitedCommandOptions,
): Promise<string> {
  const limits = [`--as=${ADDRESS_SPACE_BYTES_MAX}`, `--cpu=${CPU_SECONDS_MAX}`, '--core=0'];
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: OUTPUT_BYTES_MAX,
    // Messages are read by this driver: they must not be in the operator's language.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    execFile('prlimit', [...limits, '--', program, ...args], options, (failure, stdout, stderr) => {
      if (failure === null) resolve(stdout);
      else reject(new CommandError(problemOf(failure, stderr), [program, ...args], stderr, { cause: failure }));
    });
  });
}

function problemOf(failure: ExecFileException, stderr: string): CommandProblem {
  if (failure.name === 'AbortError') return 'aborted';
  if (failure.code === 'ENOENT' || /^prlimit: failed to execute/u.test(stderr)) return 'missing';
  return failure.killed === true ? 'timeout' : 'failed';
}
