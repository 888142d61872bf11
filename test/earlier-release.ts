import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

/** A program on the sources of an earlier commit, with the dependencies of this checkout. */
export class EarlierRelease implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param program TypeScript, which imports the packages as an embedder does */
  static async of(commit: string, program: string): Promise<EarlierRelease> {
    const directory = await mkdtemp(join(tmpdir(), 'vk-release-'));
    try {
      await unpack(commit, directory);
      await writeFile(join(directory, 'program.ts'), program);
      await build({
        entryPoints: {
          program: join(directory, 'program.ts'),
          'sqlite-worker': join(directory, 'packages/store-sql/src/sqlite/sqlite-worker.ts'),
        },
        outdir: join(directory, 'out'),
        tsconfig: join(directory, 'tsconfig.test.json'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node22',
        // Some packages of others are CommonJS, and require Node's own modules.
        banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
        logLevel: 'warning',
      });
      await writeFile(join(directory, 'out/package.json'), JSON.stringify({ type: 'module' }));
      return new EarlierRelease(directory);
    } catch (failure) {
      await rm(directory, { recursive: true, force: true });
      throw failure;
    }
  }

  /** Runs the program until it has printed a line, which it answers, and kills it then. */
  async runAndKill(args: readonly string[]): Promise<string> {
    const child: ChildProcess & { readonly stdout: NodeJS.ReadableStream } = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(this.#directory, 'out/program.js'), ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('\n')) child.kill('SIGKILL');
    }
    await exit;
    if (!said.includes('\n')) throw new Error(`The program has ended before it said anything: ${said}`);
    return said.slice(0, said.indexOf('\n'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function unpack(commit: string, directory: string): Promise<void> {
  const archive = join(directory, 'sources.tar');
  try {
    await run('git', ['archive', '--output', archive, commit], { cwd: root });
  } catch (cause) {
    const reason = `This clone does not have commit ${commit}, whose files and guests are to be taken over. If it is shallow: git fetch --unshallow`;
    throw new Error(reason, { cause });
  }
  await run('tar', ['-xf', archive, '-C', directory]);
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const name of await readdir(join(directory, 'packages'))) {
    const dependencies = join(root, 'packages', basename(name), 'node_modules');
    if (existsSync(dependencies)) await linkAll(dependencies, join(directory, 'packages', name, 'node_modules'));
  }
}

/** All but our own packages, which are those of the commit. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => !name.startsWith('.') && name !== '@virtkit');
  for (const name of names) await symlink(join(from, name), join(to, name));
}
