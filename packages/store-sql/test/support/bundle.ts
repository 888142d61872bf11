import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../../../', import.meta.url));
const source = (file: string): string => join(packages, file);

/**
 * Programs made of our sources, as Node can run them, in a new directory: a thread and a child process are started by Node itself,
 * which knows nothing of TypeScript nor of the test runner. The program of the store's thread is always among them.
 */
export async function bundle(programs: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vk-store-program-'));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
  await build({
    entryPoints: { ...programs, 'sqlite-worker': source('store-sql/src/sqlite/sqlite-worker.ts') },
    outdir: directory,
    alias: {
      '@virtkit/core/store': source('core/src/store/index.ts'),
      '@virtkit/decorators': source('decorators/src/index.ts'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'warning',
  });
  return directory;
}
