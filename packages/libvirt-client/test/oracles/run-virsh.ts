import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.js';
import type { VirshScript } from './virsh-script.js';

/** Runs all commands in one virsh, which goes on after those that fail. */
export async function runVirsh(uri: string, directory: string, { files, commands }: VirshScript): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  const { stdout } = await runProgram('virsh', ['--connect', uri], { input: `${commands.join('\n')}\n` });
  if (!stdout.includes('virsh #')) throw new Error(`virsh did not take the script: ${stdout}`);
}
