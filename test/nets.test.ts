import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../scripts/run.mjs';
import type { Net } from './nets/net.js';

const folder = join(root, 'test/nets');
const tables = await Promise.all(
  readdirSync(folder).map(async (file) => (await import(join(folder, file))) as { readonly nets?: readonly Net[] }),
);
const nets = tables.flatMap(({ nets: each = [] }) => each);
const named = nets.map((net) => ({ name: `${net.cases.join(' ')} without ${net.without}`, ...net }));

describe('the nets', () => {
  test('are there, each once', () => {
    expect(nets.length).toBeGreaterThan(0);
    expect(new Set(named.map(({ name }) => name)).size).toBe(nets.length);
  });

  test.each(named)('can be cast: $name', ({ cases, test: file, title, edits }) => {
    expect(cases.length).toBeGreaterThan(0);
    for (const line of cases) expect(line).toMatch(/^[A-E][1-9][0-9]?$/);
    expect(edits.length).toBeGreaterThan(0);
    for (const { file: edited, from, to } of edits) {
      expect(read(edited).split(from), `${edited}: ${from}`).toHaveLength(2);
      expect(to).not.toBe(from);
    }
    expect(consistsOf(title, textsFor(file)), `${file} has no test "${title}"`).toBe(true);
  });
});

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Whether a title is made of these texts, one after the other: names of describes and of a test. `$name`, `%s` and `${…}` stand for any. */
function consistsOf(title: string, texts: readonly RegExp[]): boolean {
  const ends = new Set([0]);
  for (const end of ends) {
    for (const text of texts) {
      text.lastIndex = end;
      const length = text.exec(title)?.[0].length ?? 0;
      if (length > 0) ends.add(Math.min(end + length + 1, title.length));
    }
  }
  return ends.has(title.length);
}

/** Every quoted text of a test file and of what it imports, since suites give names to their tests too. */
function textsFor(test: string): readonly RegExp[] {
  const files = new Set([test]);
  for (const file of files) for (const imported of importsOf(file)) files.add(imported);
  const literals = [...files].flatMap((file) =>
    [...read(file).matchAll(/'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g)].map(
      ([, single, double, template]) => (single ?? double ?? template ?? '').replace(/\\(['"`])/g, '$1'),
    ),
  );
  return [...new Set(literals)].flatMap((literal) => [patternOf(literal, '.*?'), patternOf(literal, '.*')]);
}

/** What stands for any text may end as soon or as late as it can. */
function patternOf(literal: string, any: string): RegExp {
  const parts = literal.split(/\$\{[^}]*\}|\$[\w.]+|%[sdifjo]/);
  return new RegExp(`${parts.map((part) => part.replace(/[^\w ]/g, '\\$&')).join(any)}(?= |$)`, 'y');
}

/** Files of tests, and the suites of the test kit. */
function importsOf(file: string): string[] {
  const specifiers = [...read(file).matchAll(/ from '([^']+)'/g)].map(([, specifier = '']) => specifier);
  return specifiers.flatMap((specifier) => {
    const kit = /^@virtkit\/driver-testkit(\/.*)?$/.exec(specifier);
    if (kit) return [`packages/driver-testkit/src${kit[1] ?? ''}/index.ts`];
    if (!specifier.startsWith('.')) return [];
    const path = join(dirname(file), specifier).replace(/\.js$/, '.ts');
    return /(^|\/)test\/|^packages\/driver-testkit\//.test(path) ? [path] : [];
  });
}
