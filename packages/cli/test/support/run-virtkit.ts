import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** As a person runs it: compiled, in a process of its own. `npm test` compiles first. */
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface VirtkitRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface VirtkitOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Is sent this signal when this has been said. */
  readonly interrupt?: { readonly signal: NodeJS.Signals; readonly when: string };
}

/** Runs the command to its end. Its output is no terminal. */
export async function runVirtkit(
  args: readonly string[],
  { env = {}, interrupt }: VirtkitOptions = {},
): Promise<VirtkitRun> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  let isInterrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (!interrupt || isInterrupted || !stdout.includes(interrupt.when)) return;
    isInterrupted = child.kill(interrupt.signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

/** What stood left and right of the divider, and everywhere else. Broken lines are one text again. */
export function readColumns(stdout: string): { readonly left: string; readonly right: string; readonly else: string } {
  const lines = stdout.split('\n');
  const divided = lines.filter((line) => line.includes('│')).map((line) => line.split('│'));
  const text = (parts: readonly (string | undefined)[]): string => parts.map((part) => part?.trim()).join(' ');
  return {
    left: text(divided.map(([left]) => left)),
    right: text(divided.map(([, right]) => right)),
    else: text(lines.filter((line) => !line.includes('│'))),
  };
}
