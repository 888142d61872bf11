import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installCommand } from '../scripts/pack.mjs';
import { publishedPackages } from '../scripts/packages.mjs';
import { root } from '../scripts/run.mjs';
import rootManifest from '../package.json' with { type: 'json' };
import { output } from './output.js';
import { installNodes, nodeReleases } from './pinned-nodes.js';
import { readmePrograms, type ReadmeProgram } from './readme-programs.js';

/**
 * What a stranger gets: the packed packages, installed into an empty project outside of this repository, and the programs
 * of the READMEs type-checked and run there.
 */
const readmes = ['README.md', ...publishedPackages().map(({ folder }) => `packages/${folder}/README.md`)];
const programs = readmes.flatMap(readmePrograms).map((program) => ({ ...program, name: nameOf(program) }));
const runnable = programs.filter(({ proof }) => proof === 'runnable');

let project: string;
/** The words of the command that `npm run pack` prints. */
let install: readonly string[];
let nodes: ReadonlyMap<string, string>;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'virtkit-stranger-'));
  const tarballs = join(project, 'tarballs');
  await mkdir(tarballs);
  const { typescript, '@types/node': nodeTypes } = rootManifest.devDependencies;
  // As the README says it: one command, and the command that it prints.
  const said = await output(process.execPath, [join(root, 'scripts/pack.mjs'), tarballs], { cwd: root });
  install = said.trimEnd().split('\n').at(-1)?.split(' ') ?? [];
  const manifest = {
    private: true,
    type: 'module',
    devDependencies: { typescript, '@types/node': nodeTypes },
  };
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: 'out',
    rootDir: 'src',
  };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await mkdir(join(project, 'src'));
  for (const { name, source } of programs) await writeFile(join(project, 'src', `${name}.ts`), source);
  const [npm = '', ...words] = install;
  await output(npm, [...words, '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: project });
  nodes = await installNodes();
});

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test.each(readmes)('%s has a program that is proved here', (readme) => {
  const own = programs.filter((program) => program.readme === readme);
  expect(own.length, 'blocks "```ts runnable" or "```ts compiles"').toBeGreaterThan(0);
});

test('the README of the repository has a program that runs', () => {
  expect(runnable.filter(({ readme }) => readme === 'README.md')).not.toEqual([]);
});

test('npm run pack prints the command that installs every package', () => {
  const tarballs = publishedPackages().map(({ manifest: { name, version } }) =>
    join(project, 'tarballs', `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
  );
  expect(install.join(' ')).toBe(installCommand(tarballs));
});

test.each(publishedPackages())('the links of the README of $folder lead somewhere in the package', ({ manifest }) => {
  const folder = join(project, 'node_modules', manifest.name);
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] as string);
  expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
});

test('every package can be loaded by its name, on every supported Node', async () => {
  const doors = publishedPackages().flatMap(({ manifest: { name, exports = {} } }) =>
    Object.keys(exports).map((subpath) => subpath.replace('.', name)),
  );
  const program = doors.map((door) => `await import(${JSON.stringify(door)});`).join('\n');
  await writeFile(join(project, 'doors.mjs'), program);
  for (const node of nodes.values()) await output(node, ['doors.mjs'], { cwd: project });
});

describe('the programs of the READMEs', () => {
  test('are typed', async () => {
    await output(process.execPath, ['node_modules/typescript/bin/tsc', '--pretty', 'false'], { cwd: project });
  });

  describe.each(nodeReleases)('on Node %s', (release) => {
    test.each(runnable)('$readme:$line runs', async ({ name, prints }) => {
      const printed = await output(nodes.get(release)!, [join('out', `${name}.js`)], {
        cwd: project,
        timeoutMs: 60_000,
      });
      if (prints !== undefined) expect(printed).toBe(prints);
    });
  });
});

/** `packages/core/README.md`, line 12 → `packages-core-12`. */
function nameOf({ readme, line }: ReadmeProgram): string {
  return [...readme.split('/').slice(0, -1), line].join('-').replace(/^\d/, 'root-$&');
}
