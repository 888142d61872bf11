import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations, type Operation } from '@virtkit/core';
import { expect, test } from 'vitest';
import { root } from '../scripts/run.mjs';

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

test('ARCHITECTURE.md shows the state diagram that the operation table describes', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  expect(text).toContain(`\`\`\`mermaid\n${stateDiagram()}\n\`\`\``);
});
