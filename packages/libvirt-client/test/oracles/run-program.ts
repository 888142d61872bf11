import { spawn } from 'node:child_process';

/** Runs a program to its end, feeds it `input`, and resolves to what it printed, whatever its exit code. */
export function runProgram(
  file: string,
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, LC_ALL: 'C.UTF-8' }, timeout: 100_000 });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    child.once('error', reject);
    child.once('close', () => resolve(output));
    // A program that ends before it has read everything is judged by what it printed.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
