import { spawn } from 'node:child_process';

export interface RunOptions {
  /** Ends the command with SIGKILL; the call then rejects. Default 120 000. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A command that could not be started, ended with a code other than 0, or was ended by a signal. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  constructor(
    readonly command: readonly string[],
    readonly exitCode: number | null,
    readonly stdout: string,
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    const ending = exitCode === null ? 'did not finish' : `ended with code ${exitCode}`;
    super(`${command.join(' ')} ${ending}: ${(stderr || stdout).trim().slice(-2_000) || 'no output'}`, options);
  }
}

const OUTPUT_CHARS_MAX = 8 * 1024 * 1024;

/**
 * Runs a program with an argument array (never through a shell) and resolves to its standard output.
 * @throws CommandFailed with the tail of what the program said, or the reason of an aborted `signal`
 */
export async function runCommand(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  try {
    return await outputOf(file, args, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
}

function outputOf(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { timeoutMs = 120_000, cwd, env, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      // English messages: their text ends up in errors, and some of it is parsed.
      env: { ...process.env, LC_ALL: 'C', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(cwd !== undefined && { cwd }),
      ...(signal && { signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_CHARS_MAX);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-OUTPUT_CHARS_MAX);
    });
    const fail = (exitCode: number | null, cause?: unknown): void =>
      reject(new CommandFailed([file, ...args], exitCode, stdout, stderr, { cause }));
    let cause: unknown;
    child.once('error', (error) => {
      cause = error;
      // An aborted command is waited for: what it was writing may be removed next.
      if (child.pid === undefined) fail(null, cause);
    });
    child.once('close', (exitCode) => (exitCode === 0 ? resolve(stdout) : fail(exitCode, cause)));
  });
}
