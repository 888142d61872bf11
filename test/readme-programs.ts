import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';

/** A TypeScript program in a README: a fenced block whose first line is "```ts runnable" or "```ts compiles". */
export interface ReadmeProgram {
  readonly readme: string;
  /** The line of the README that its source starts on. */
  readonly line: number;
  readonly source: string;
  /** `compiles` is for what needs more than Node, such as a libvirtd: it is type-checked and not run. */
  readonly proof: 'runnable' | 'compiles';
  /** What it prints, where the README says so in a block "```text prints" that follows. */
  readonly prints: string | undefined;
}

const block = /^```ts (runnable|compiles)\n(.*?)^```\n(?:\s*```text prints\n(.*?)^```\n)?/gms;

/** The programs of one README of the repository, in order. A README that is not there has none. */
export function readmePrograms(readme: string): readonly ReadmeProgram[] {
  const path = join(root, readme);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(block)].map((match) => ({
    readme,
    line: text.slice(0, match.index).split('\n').length + 1,
    source: match[2]!,
    proof: match[1] as ReadmeProgram['proof'],
    prints: match[3],
  }));
}
