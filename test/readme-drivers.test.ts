import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../scripts/run.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('what the README says of drivers', () => {
  it('is what the code says', () => {
    const script = join(root, 'scripts/driver-table.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('stands before the first program', () => {
    expect(readme.indexOf('made by scripts/driver-table.mjs')).toBeGreaterThan(0);
    expect(readme.indexOf('made by scripts/driver-table.mjs')).toBeLessThan(readme.indexOf('```'));
  });
});
