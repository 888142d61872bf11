import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foldersOf, mayImport } from '../scripts/levels.mjs';
import { packages, publishedPackages } from '../scripts/packages.mjs';
import { root } from '../scripts/run.mjs';

/** Rules of the repository that no linter holds. A failing one lists every offender, as `file: what`. */
const notOurs = ['.git', '.cache', '.stryker-tmp', 'coverage', 'dist', 'node_modules', 'reports'];
const files = filesUnder('.');
const sources = files.filter((file) => /\.(ts|mjs|js)$/.test(file) && !file.includes('.gen.'));

describe('the packages', () => {
  test('stand on lower levels only', () => {
    const offenders = packages().flatMap(({ folder, manifest }) => {
      const allowed = new Set((mayImport[folder] ?? []).map((door) => door.split('/')[0]));
      return neighboursOf(manifest)
        .filter((name) => !allowed.has(name))
        .map((name) => `${folder}: ${name}`);
    });
    expect(offenders).toEqual([]);
  });

  test('with more than six folders have an order of them', () => {
    const offenders = packages()
      .map(({ folder, path }) => ({ folder, folders: foldersIn(join(path, 'src')) }))
      .filter(({ folder, folders }) => folders.length > 6 && foldersOf[folder] === undefined)
      .map(({ folder, folders }) => `${folder}: ${folders.join(', ')}`);
    expect(offenders).toEqual([]);
  });

  test('are compiled after what they stand on: references mirror dependencies', () => {
    for (const { folder, path, manifest } of packages()) {
      const referred = referencesOf(path).map((reference) => basename(reference));
      expect(referred.sort(), folder).toEqual(neighboursOf(manifest).sort());
    }
    const all = packages().map(({ folder }) => `packages/${folder}`);
    expect(referencesOf(root).sort()).toEqual(all);
  });

  test.each(packages().map(({ folder, path, manifest }) => ({ folder, path, manifest })))(
    '$folder says what it is, under which licence, and where its types are',
    ({ folder, path, manifest }) => {
      expect(manifest).toMatchObject({ name: `@virtkit/${folder}`, license: 'Apache-2.0', type: 'module' });
      expect(existsSync(join(path, 'README.md')), 'README.md').toBe(true);
      const doors = Object.entries(manifest.exports ?? {});
      // A command is entered from the shell, and has no door.
      expect(doors.length + Object.keys(manifest.bin ?? {}).length).toBeGreaterThan(0);
      for (const [subpath, conditions] of doors) {
        const file = join(subpath, 'index');
        expect(Object.entries(conditions), subpath).toEqual([
          ['types', `./${join('dist', file)}.d.ts`],
          ['default', `./${join('dist', file)}.js`],
        ]);
        expect(existsSync(join(path, 'src', `${file}.ts`)), `src/${file}.ts`).toBe(true);
      }
    },
  );

  test('have one version', () => {
    expect(new Set(packages().map(({ manifest }) => manifest.version)).size).toBe(1);
  });

  test('are published together with what they depend on', () => {
    const published = publishedPackages().map(({ folder }) => folder);
    const offenders = publishedPackages().flatMap(({ folder, manifest }) =>
      neighboursOf(manifest)
        .filter((name) => !published.includes(name))
        .map((name) => `${folder}: ${name}`),
    );
    expect(offenders).toEqual([]);
  });
});

describe('the files', () => {
  test('are named in kebab-case, after what they hold', () => {
    const vague = ['base', 'common', 'helper', 'helpers', 'impl', 'misc', 'shared', 'types', 'util', 'utils'];
    const offenders = sources.filter((file) => {
      const names = file
        .split('/')
        .map((segment) => segment.replace(/\.(test|real\.test|test-d|config|d)?\.?\w+$/, ''));
      return names.some((name) => vague.includes(name) || !/^[.]?[a-z0-9]*([-.][a-z0-9]+)*$/.test(name));
    });
    expect(offenders).toEqual([]);
  });

  test('are run when they are tests', () => {
    const tests = files.filter((file) => /[.](test|spec)[.][cm]?[jt]sx?$/.test(file));
    const run = /^(packages\/[^/]+\/test\/.*|test\/[^/]+)[.]test[.]ts$/;
    expect(tests.filter((file) => !run.test(file))).toEqual([]);
  });

  test('have 400 lines at most', () => {
    const lengths = sources.map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  test('hold nothing that was put off', () => {
    expect(
      linesWith(
        /\b(TODO|FIXME|XXX|HACK)\b/,
        sources.filter((file) => file !== 'test/tidy.test.ts'),
      ),
    ).toEqual([]);
  });

  test('have no banners', () => {
    expect(linesWith(/^\s*(\/\/|#|\*)\s*([-=*#~_])\2{4,}/, sources)).toEqual([]);
  });
});

describe('who may do what', () => {
  test('is decided by the access policy alone: nothing else looks at a role', () => {
    const policy = 'packages/core/src/requests/access-policy.ts';
    const elsewhere = sources.filter((file) => /^packages\/[^/]+\/src\//.test(file) && file !== policy);
    expect(
      linesWith(/\brole\b['"]?\]?\s*[!=]==?|\[\s*(\w+[.])?role\s*\]|\(\s*(\w+[.])?role\s*\)\s*[?&|]/, elsewhere),
    ).toEqual([]);
  });
});

describe('nothing tells where it was written', () => {
  test('no package registry is named', () => {
    const registries = ['npm' + 'js', 'npm' + 'mirror', 'yarn' + 'pkg', 'deb[.]debian', 'ftp[.][a-z.]*debian'];
    expect(linesWith(new RegExp(`registry[.]\\w+[.]\\w+|${registries.join('|')}`, 'i'))).toEqual([]);
    expect(linesWith(/:\/\//, ['pnpm-lock.yaml'])).toEqual([]);
  });

  test('no path of a machine is named', () => {
    expect(linesWith(new RegExp('/work/' + '(main|shared|[.])'))).toEqual([]);
  });
});

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.includes(entry.name) || entry.name.endsWith('.tsbuildinfo')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function linesWith(pattern: RegExp, among: readonly string[] = files): string[] {
  return among.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

function foldersIn(path: string): readonly string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function neighboursOf(manifest: { readonly dependencies?: Readonly<Record<string, string>> }): string[] {
  const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@virtkit/'));
  return ours.map((name) => name.replace('@virtkit/', ''));
}

function referencesOf(folder: string): string[] {
  const { references } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as {
    readonly references?: readonly { readonly path: string }[];
  };
  return (references ?? []).map(({ path }) => path);
}
