import { runProgram } from './run-program.js';

const SEPARATOR = '@@@@';

/** What virsh prints for each command, without the space around it. */
export async function askVirsh(uri: string, commands: readonly string[]): Promise<string[]> {
  const script = commands.map((command) => `${command}; echo ${SEPARATOR}`).join('; ');
  const { stdout, stderr } = await runProgram('virsh', ['--quiet', '--connect', uri, script]);
  const answers = stdout.split(SEPARATOR).slice(0, -1);
  if (answers.length === commands.length) return answers.map((text) => text.trim());
  throw new Error(`virsh answered ${answers.length} of ${commands.length} commands: ${stderr}`);
}
