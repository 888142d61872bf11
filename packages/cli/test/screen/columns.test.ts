import { describe, expect, it } from 'vitest';
import { columns, type Column } from '../../src/screen/columns.js';
import { facts } from '../../src/screen/facts.js';
import { painted, plainPalette } from '../../src/screen/palette.js';
import type { Row } from '../../src/screen/row.js';

const left: Column = {
  heading: 'Tenant',
  blocks: [
    { label: 'Fault', lines: [{ text: 'GUEST_START_FAILED' }] },
    { label: 'Instance', lines: [{ text: 'error' }] },
  ],
};
const right: Column = {
  heading: 'Operator',
  blocks: [
    {
      label: 'Fault',
      lines: [{ text: 'cannot open /var/lib/virtkit/disks/000172.qcow2: the lock is held by somebody' }],
    },
    { label: 'Instance', lines: [{ text: 'error' }] },
    { label: 'Event', lines: [{ text: 'traceback' }] },
  ],
};

const plain = (rows: readonly Row[]): readonly string[] => rows.map((line) => painted(line, plainPalette));

describe('columns', () => {
  it('stand side by side, their blocks on the same lines', () => {
    expect(plain(columns(left, right, 80))).toEqual([
      'Tenant                                 │ Operator',
      '                                       │',
      'Fault                                  │ Fault',
      'GUEST_START_FAILED                     │ cannot open',
      '                                       │ /var/lib/virtkit/disks/000172.qcow2:',
      '                                       │ the lock is held by somebody',
      '                                       │',
      'Instance                               │ Instance',
      'error                                  │ error',
      '                                       │',
      '                                       │ Event',
      '                                       │ traceback',
    ]);
  });

  it('stand one below the other where it is too narrow for two', () => {
    const lines = plain(columns(left, right, 60));
    expect(lines.join('\n')).not.toContain('│');
    expect(lines.indexOf('Operator')).toBeGreaterThan(lines.indexOf('GUEST_START_FAILED'));
  });

  it.each([76, 77, 97, 120, 157])('keep within %d characters, the divider in one place', (width) => {
    const lines = plain(columns(left, right, width));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(new Set(lines.map((line) => line.indexOf('│'))).size).toBe(1);
  });
});

describe('facts', () => {
  it('keep what a label stands for in a column of its own', () => {
    expect(plain(facts([{ label: 'Events', text: 'one two three' }], 22))).toEqual([
      'Events         one two',
      '               three',
    ]);
  });
});
