import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waysOfDurability } from './novas-way/8-1-durability.js';
import { waysOfErrors, waysOfErrorsInDepth } from './novas-way/8-2-errors.js';
import { waysOfCapabilities } from './novas-way/8-3-capabilities.js';
import { waysOfConcurrency } from './novas-way/8-4-concurrency.js';
import { waysOfExtensibility } from './novas-way/8-5-extensibility.js';

const tables = [waysOfDurability, waysOfErrors, waysOfCapabilities, waysOfConcurrency, waysOfExtensibility];
const weaknesses = tables.flatMap((table) => table.weaknesses);
const edits = [...weaknesses, ...waysOfErrorsInDepth.weaknesses].flatMap(({ title, ways }) =>
  ways.flatMap(({ nova, edits: each }) => each.map((edit) => ({ name: `${title}: ${nova}`, ...edit }))),
);

const root = new URL('../../../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const page = read('packages/core/test/nova-weaknesses.test.ts');

describe('the changes that make our sources do as Nova does', () => {
  it.each(edits)('can be made: $name', ({ file, from, to }) => {
    expect(read(file).split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
  });

  it('are there for every test of the page, in its order', () => {
    const titles = [...page.matchAll(/^ {2}it\('(.+)', (?:async )?\(\)/gm)].map(([, title]) => title);
    expect(weaknesses.map(({ title }) => title)).toEqual(titles);
    expect(titles.map((title) => Number.parseInt(title ?? '', 10))).toEqual(titles.map((_, nth) => nth + 1));
    expect(titles).toHaveLength(27);
    expect(weaknesses.filter(({ ways }) => ways.length === 0)).toEqual([]);
  });
});

describe('the page', () => {
  it('says of every weakness what Nova does and what is true here, and names files that there are', () => {
    expect(page.match(/^ {2}\/\/ Nova: /gm)).toHaveLength(27);
    expect(page.match(/^ {2}\/\/ Ours: /gm)).toHaveLength(27);
    const comments = page.split('\n').filter((line) => line.trim().startsWith('//'));
    const files = comments.flatMap((line) => [...line.matchAll(/[a-z-]+(?:\/[a-z-]+)+\.ts/g)].map(([file]) => file));
    const places = ['packages/', 'packages/core/src/'];
    expect(files.filter((file) => !places.some((place) => existsSync(new URL(`${place}${file}`, root))))).toEqual([]);
    expect(files.length).toBeGreaterThanOrEqual(27);
  });
});
