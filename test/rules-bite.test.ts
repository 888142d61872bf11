import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packages } from '../scripts/packages.mjs';
import { root } from '../scripts/run.mjs';

/** A copy of our configuration over packages that break every rule once: a rule that nothing can break holds nothing. */
const core = 'packages/core/src';
const fake = 'packages/driver-fake/src';

const imports: Readonly<Record<string, { readonly file: string; readonly source: string }>> = {
  'core-imports-only-down': { file: `${core}/up.ts`, source: `export * from '@virtkit/driver-fake';` },
  'driver-fake-imports-only-down': { file: `${fake}/root.ts`, source: `export * from '@virtkit/core';` },
  'driver-libvirt-imports-only-down': {
    file: 'packages/driver-libvirt/src/store.ts',
    source: `export * from '@virtkit/core/store';`,
  },
  'driver-testkit-imports-only-down': {
    file: 'packages/driver-testkit/src/all.ts',
    source: `export * from '@virtkit/core';`,
  },
  'decorators-imports-only-down': {
    file: 'packages/decorators/src/up.ts',
    source: `export * from '../../core/src/index.js';`,
  },
  'core-driver-imports-only-down': { file: `${core}/driver/up.ts`, source: `export * from '../manager/top.js';` },
  'core-manager-imports-only-down': { file: `${core}/manager/up.ts`, source: `export * from '../api/top.js';` },
  'no-unlisted-folder-of-core': { file: `${core}/loft/attic.ts`, source: `export * from '../manager/top.js';` },
  'no-unlisted-package': { file: 'packages/new/src/index.ts', source: `export * from '@virtkit/core';` },
  'through-the-door': { file: 'packages/cli/src/deep.ts', source: `export * from '../../core/src/driver/behind.js';` },
  'through-the-door-from-outside': { file: 'bench/deep.ts', source: `export * from '../packages/core/src/pit.js';` },
  'sources-do-not-know-tests': { file: `${fake}/knows.ts`, source: `export * from '../test/known.js';` },
  'testbed-is-for-tests': { file: `${fake}/daemon.ts`, source: `export * from '@virtkit/libvirt-testbed';` },
  'driver-door-has-no-third-party-behind-it': {
    file: `${core}/driver/index.ts`,
    source: `export * from './behind.js';`,
  },
  'only-composition-knows-inversify': { file: `${core}/manager.ts`, source: `export * from 'inversify';` },
  'sources-import-what-they-list': { file: `${core}/pit.ts`, source: `export * from 'vitest';` },
  'no-circular': { file: `${core}/about.ts`, source: `export * from './round.js';` },
  resolvable: { file: `${fake}/gone.ts`, source: `export * from 'not-there';` },
};

const lines: Readonly<Record<string, string>> = {
  '@typescript-eslint/no-floating-promises': `export function start() { Promise.resolve(); }`,
  '@typescript-eslint/no-misused-promises': `export function each(list: string[]) { list.forEach(async () => {}); }`,
  '@typescript-eslint/await-thenable': `export async function wait(count: number) { await count; }`,
  '@typescript-eslint/no-explicit-any': `export const loose = (value: any): unknown => value as unknown;`,
  '@typescript-eslint/consistent-type-imports': `import { Stats } from 'node:fs'; export type Size = Stats['size'];`,
  '@typescript-eslint/switch-exhaustiveness-check': `export function of(kind: 'a' | 'b') { switch (kind) { case 'a': } }`,
  '@typescript-eslint/only-throw-error': `export function fail() { throw 'text'; }`,
  '@typescript-eslint/prefer-readonly': `export class Count { #at = 0; at() { return this.#at; } }`,
  'no-console': `console.log('text');`,
  'no-restricted-imports': `import { exec } from 'node:child_process'; export { exec };`,
  'Export by name': `export default 1;`,
  'Use a union of literals': `export enum Kind { a }`,
  'Use a #private name': `export class Count { private at = 0; next() { return this.at++; } }`,
  'No shell: give': `export const options = { shell: true };`,
};

const linesOfTests: Readonly<Record<string, string>> = {
  'A test that cannot run': `import { test } from 'vitest'; test.skip('rule', () => {});`,
  'Await the event': `await new Promise((resolve) => setTimeout(resolve, 5));`,
};

let planted: string;

beforeAll(async () => {
  planted = await mkdtemp(join(tmpdir(), 'virtkit-rules-'));
  const configuration = ['.dependency-cruiser.mjs', 'eslint.config.js', 'tsconfig.base.json', 'tsconfig.test.json'];
  for (const file of [...configuration, 'package.json', 'scripts/levels.mjs'])
    await cp(join(root, file), join(planted, file));
  await symlink(join(root, 'node_modules'), join(planted, 'node_modules'));
  for (const { folder, path } of packages()) {
    await cp(join(path, 'package.json'), join(planted, 'packages', folder, 'package.json'));
    await symlink(join(path, 'node_modules'), join(planted, 'packages', folder, 'node_modules'));
    await plant(`packages/${folder}/src/index.ts`, 'export {};');
  }
  for (const door of ['driver', 'store']) await plant(`${core}/${door}/index.ts`, 'export {};');
  await plant(`${core}/driver/behind.ts`, `export * from 'zod';`);
  for (const folder of ['manager', 'api']) await plant(`${core}/${folder}/top.ts`, 'export {};');
  await plant(`${core}/round.ts`, `export * from './about.js';`);
  await plant('packages/driver-fake/test/known.ts', 'export {};');
  for (const { file, source } of Object.values(imports)) await plant(file, source);
  for (const [index, source] of Object.values(lines).entries()) await plant(`${core}/line-${index}.ts`, source);
  for (const [index, source] of Object.values(linesOfTests).entries()) {
    await plant(`packages/core/test/line-${index}.test.ts`, source);
  }
});

afterAll(async () => {
  await rm(planted, { recursive: true, force: true });
});

// Whole programs run here, beside other tests on as few as two cores.
const timeout = 120_000;

describe('dependency-cruiser', { timeout }, () => {
  test('finds every import that the levels forbid', async () => {
    const report = JSON.parse(
      await outputOf('depcruise', '--output-type', 'json', 'packages', 'bench'),
    ) as CruiseReport;
    const found = report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
    const expected = Object.entries(imports).map(([rule, { file }]) => `${rule}: ${file}`);
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});

describe('eslint', { timeout }, () => {
  test('finds every line that the style guide forbids', async () => {
    const report = JSON.parse(await outputOf('eslint', '--format', 'json', core, 'packages/core/test')) as LintReport;
    const found = (file: string): string[] =>
      report.filter(({ filePath }) => filePath.endsWith(`/${file}`)).flatMap(({ messages }) => messages.map(described));
    for (const [folder, cases] of [['src', lines] as const, ['test', linesOfTests] as const]) {
      for (const [index, rule] of Object.keys(cases).entries()) {
        const file = `packages/core/${folder}/line-${index}${folder === 'test' ? '.test' : ''}.ts`;
        expect(found(file), `${rule} in ${file}`).toEqual(expect.arrayContaining([expect.stringContaining(rule)]));
      }
    }
  });
});

interface CruiseReport {
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

interface LintMessage {
  readonly ruleId: string | null;
  readonly message: string;
}

type LintReport = readonly { readonly filePath: string; readonly messages: readonly LintMessage[] }[];

function described({ ruleId, message }: LintMessage): string {
  return `${ruleId ?? 'parser'}: ${message}`;
}

async function plant(file: string, source: string): Promise<void> {
  await mkdir(dirname(join(planted, file)), { recursive: true });
  await writeFile(join(planted, file), `${source}\n`);
}

/** Both tools exit with a failure when they find something, which is what we want to read. */
async function outputOf(command: string, ...args: readonly string[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    const options = { cwd: planted, maxBuffer: 64 * 1024 * 1024 };
    execFile(join(root, 'node_modules/.bin', command), args, options, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`${command} said nothing: ${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}
