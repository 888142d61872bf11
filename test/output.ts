import { execFile } from 'node:child_process';

/** Runs a program without input and answers what it printed. A failure says everything that it said. */
export async function output(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly timeoutMs?: number },
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const { cwd, timeoutMs = 300_000 } = options;
    const child = execFile(command, args, { cwd, timeout: timeoutMs }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const ending = String(error.signal ?? error.code);
      reject(new Error(`${[command, ...args].join(' ')} ended with ${ending}:\n${stdout}${stderr}`));
    });
    child.stdin?.end();
  });
}
