import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.js';

const script = fileURLToPath(new URL('ask-libvirt.py', import.meta.url));
/** Debian's, which has the module of its package python3-libvirt. Another one in the path has not. */
const PYTHON = '/usr/bin/python3';

/** What python3-libvirt makes of expressions on a connection `c`: `{ value }` or `{ error }`, in the order of asking. */
export async function askPython(uri: string, expressions: readonly string[]): Promise<unknown[]> {
  const { stdout, stderr } = await runProgram(PYTHON, [script, uri], { input: expressions.join('\n') });
  const answers = stdout.split('\n').filter(Boolean);
  if (answers.length === expressions.length) return answers.map((line) => JSON.parse(line) as unknown);
  throw new Error(`python3-libvirt answered ${answers.length} of ${expressions.length} questions: ${stderr}`);
}
