import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
const README = new URL('../../README.md', import.meta.url);
const RECIPE = /^\*\*(.+?)[,.:]?\*\*(?:(?!^```).)*?^```ts compiles\n(.*?)^```$/gms;

/**
 * Binds a private daemon's sockets over those of the machine, for this one process, and becomes the program. So
 * `qemu:///system` in a recipe is the private daemon, by the very way it is reached on a reader's machine.
 */
const ENTER = 'set -eu; mkdir -p /run/libvirt; mount --bind "$1" /run/libvirt; shift; exec "$@"';

/** The programs of README.md: the first one, which has no title there, is called `The first program`. */
export async function readmeRecipes(): Promise<ReadonlyMap<string, string>> {
  const readme = await readFile(README, 'utf8');
  const first = /^```ts compiles\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const titled = [...readme.matchAll(RECIPE)].map(([, title, source]) => [title, source] as [string, string]);
  return new Map([['The first program', first], ...titled]);
}

export interface RecipeOptions {
  /** The directory of the daemon that `qemu:///system` is to be. It is also the program's working directory. */
  readonly directory: string;
  readonly args?: readonly string[];
}

/** A recipe that runs in a process of its own. */
export class RunningRecipe {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<string>;
  #printed = '';
  #said = '';
  #wake: () => void = () => {};

  static async start(source: string, { directory, args = [] }: RecipeOptions): Promise<RunningRecipe> {
    const stdin = { contents: source, loader: 'ts', resolveDir: HERE } as const;
    const alias = { '@virtkit/libvirt-client': SOURCES };
    const outfile = join(directory, 'recipe.mjs');
    await build({ stdin, outfile, alias, bundle: true, platform: 'node', format: 'esm', target: 'node22' });
    const enter = ['--mount', '--propagation', 'private', 'sh', '-c', ENTER, 'enter', join(directory, 'run')];
    const command = ['--pdeathsig', 'KILL', 'unshare', ...enter, process.execPath, outfile, ...args];
    return new RunningRecipe(spawn('setpriv', command, { cwd: directory }));
  }

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
      this.#wake();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        if (code === 0) resolve(this.#printed);
        else reject(new Error(`the recipe ended with ${code ?? signal}: ${this.#printed}${this.#said}`));
        this.#wake();
      });
    });
    // Whoever asks for the end is told; nobody has to.
    this.#ended.catch(() => {});
  }

  /** All it has printed, once it has ended well. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  get stdin(): ChildProcessWithoutNullStreams['stdin'] {
    return this.#process.stdin;
  }

  /** Resolves once it has printed this. */
  async prints(text: string): Promise<void> {
    while (!this.#printed.includes(text)) {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`the recipe has ended without ${text}: ${await this.#ended}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends it, in whatever it is doing. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended.catch(() => {});
  }
}
