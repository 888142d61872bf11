import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { novaTests } from './nova-tests.js';

const packages = new URL('../../../', import.meta.url);
const folder = new URL('./', import.meta.url);

/** How many rows each table of Nova's has, by the letter of their ids. */
const counts = { W: 6, F: 9, R: 4, V: 10, C: 6, E: 3, Z: 3, I: 19, L: 4, P: 5, X: 7, N: 4, D: 4, B: 33 };

/** The ids that the titles of a test file bear; `I5a` is a case of `I5`. */
function idsIn(text: string): ReadonlySet<string> {
  const titles = [...text.matchAll(/['"`]([A-Z]\d+[a-z]?(?:, [A-Z]\d+[a-z]?)*)(?:: |')/g)];
  return new Set(titles.flatMap(([, ids = '']) => ids.split(', ')).map((id) => id.replace(/[a-z]$/, '')));
}

describe('Nova’s tests', () => {
  it('are all there, in their order', () => {
    const expected = Object.entries(counts).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    expect(Object.keys(novaTests)).toEqual(expected);
  });

  it.each(Object.entries(novaTests))('%s: is held by tests that exist, or left out with a reason', (id, row) => {
    const { heldBy = [], leftOut } = row;
    expect(heldBy.length > 0).toBe(leftOut === undefined);
    for (const pointer of heldBy) {
      const [file = '', title] = pointer.split(' › ');
      const url = new URL(file, packages);
      expect(existsSync(url), file).toBe(true);
      const text = readFileSync(url, 'utf8');
      if (title === undefined) expect(idsIn(text)).toContain(id);
      else expect(text, pointer).toContain(`'${title}'`);
    }
  });

  it('are named in this folder by rows that there are', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file !== 'nova-tests.test.ts');
    for (const file of files) {
      const ids = idsIn(readFileSync(new URL(file, folder), 'utf8'));
      expect(ids.size, file).toBeGreaterThan(0);
      expect(Object.keys(novaTests), file).toEqual(expect.arrayContaining([...ids]));
    }
  });
});
