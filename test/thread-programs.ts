import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vitest/config';

const root = fileURLToPath(new URL('../', import.meta.url));
/** The same place in every run: the test runner keeps modules with this address in them from one run to the next. */
const home = join(root, 'node_modules', '.cache', 'virtkit-threads');

/** The programs of threads among our sources. Beside each stands who starts it, by `new URL('./<name>.js', import.meta.url)`. */
const programs = ['packages/store-sql/src/sqlite/sqlite-worker.ts'] as const;

let built: Promise<unknown> | undefined;

/**
 * Lets tests start the threads of our sources: Node starts a thread by itself and knows nothing of TypeScript nor of the test runner. Each
 * program is made one file that Node can run, anew in every run, and whoever starts it from a source is led there.
 */
export function threadPrograms(): Plugin {
  return {
    name: 'virtkit-thread-programs',
    enforce: 'pre',
    async configResolved() {
      built ??= Promise.all(programs.map(bundle));
      await built;
    },
    transform(code, id) {
      const found = programs.find((program) => dirname(join(root, program)) === dirname(id));
      return found && code.replace(addressIn(found), `new URL('${pathToFileURL(bundleOf(found)).href}')`);
    },
  };
}

function addressIn(program: string): string {
  return `new URL('./${nameOf(program)}.js', import.meta.url)`;
}

function nameOf(program: string): string {
  return program.replace(/^.*\/|\.ts$/g, '');
}

function bundleOf(program: string): string {
  return join(home, `${nameOf(program)}.mjs`);
}

/** Put in its place in one step, since other runs may be reading it. */
async function bundle(program: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const unfinished = `${bundleOf(program)}.${process.pid}`;
  try {
    await build({
      entryPoints: [join(root, program)],
      outfile: unfinished,
      tsconfig: join(root, 'tsconfig.test.json'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    await rename(unfinished, bundleOf(program));
  } finally {
    await rm(unfinished, { force: true });
  }
}
