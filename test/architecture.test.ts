import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations, type Operation } from '@virtkit/core';
import { describe, expect, test } from 'vitest';
import { foldersOf } from '../scripts/levels.mjs';
import { root } from '../scripts/run.mjs';

const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/**
 * The state diagram as the operation table has it: an arrow for each vm state an operation starts from. What leaves the state as it was, or as
 * the guest is, has none.
 */
function stateDiagram(): string {
  const rows: readonly Operation[] = Object.values(operations);
  const arrows = new Map<string, string[]>();
  for (const { vmStates, goal, action } of rows) {
    if (action === 'delete' || goal.vmState === 'unchanged' || goal.vmState === 'by-power-state') continue;
    for (const from of vmStates) {
      const arrow = `${from} --> ${goal.vmState}`;
      const names = arrows.get(arrow) ?? [];
      if (!names.includes(action)) arrows.set(arrow, [...names, action]);
    }
  }
  const lines = [...arrows].map(([arrow, names]) => `    ${arrow}: ${names.join(', ')}`);
  return ['stateDiagram-v2', '    [*] --> building', ...lines].join('\n');
}

describe('ARCHITECTURE.md', () => {
  test('shows the state diagram that the operation table describes', () => {
    expect(text).toContain(`\`\`\`mermaid\n${stateDiagram()}\n\`\`\``);
  });

  test('lists the folders of core in the order in which they may import each other', () => {
    const rows = [...text.matchAll(/^\| `([a-z-]+)\/` \|/gm)].map(([, folder]) => folder);
    expect(rows).toEqual(foldersOf['core']);
  });

  test('names files of core that are there', () => {
    const [, life = ''] = text.split('## The life of one reboot');
    const files = [...life.matchAll(/\b[a-z-]+\/[a-z-]+\.ts\b/g)].map(([file]) => file);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !existsSync(join(root, 'packages/core/src', file)))).toEqual([]);
  });
});
