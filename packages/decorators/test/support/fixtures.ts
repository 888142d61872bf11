import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import type * as ComputeManagerFixtures from '../fixtures/compute-manager.js';

export type Fixtures = typeof ComputeManagerFixtures;

const cacheFolder = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** The decorated classes as the test runner compiles them, which is by `experimentalDecorators`. */
export async function legacyFixtures(): Promise<Fixtures> {
  return await import('../fixtures/compute-manager.js');
}

/**
 * The same source, compiled for standard decorators. The test runner cannot do that, so it is given the compiled file;
 * it lies within the package, where `@virtkit/decorators` means the sources under test.
 */
export async function standardFixtures(): Promise<Fixtures> {
  const source = await readFile(new URL('../fixtures/compute-manager.ts', import.meta.url), 'utf8');
  const { code } = await transform(source, { loader: 'ts', target: 'es2022', tsconfigRaw: {} });
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'standard-'));
  try {
    const file = join(folder, 'compute-manager.js');
    await writeFile(file, code);
    return (await import(/* @vite-ignore */ file)) as Fixtures;
  } finally {
    await rm(folder, { recursive: true });
  }
}
