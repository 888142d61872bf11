import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rows = readFileSync(new URL('../DECISIONS.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| *-/.test(line) && !/\| Held by +\|$/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, nova, decision, heldBy]) => ({ nova, decision, heldBy }));

const sources = ['./', './behaviour/'];

function sourceOf(file: string): string | undefined {
  const found = sources
    .flatMap((folder) => [`${folder}${file}.ts`, `${folder}${file}.test.ts`])
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  return found && readFileSync(found, 'utf8');
}

describe('the decisions', () => {
  it('are there', () => {
    expect(rows.length).toBeGreaterThan(70);
  });

  it.each(rows)('$nova: held by tests that exist', ({ decision, heldBy }) => {
    expect(decision).toMatch(/^(kept|changed|recorder's|left out|not here|decided here)/);
    if (heldBy === '–') {
      expect(decision).toMatch(/^(recorder's|left out|not here)/);
      return;
    }
    for (const pointer of heldBy?.split('<br>') ?? []) {
      const [file, title] = pointer.split(' › ');
      expect(sourceOf(file ?? ''), pointer).toContain(`'${title}'`);
    }
  });
});
