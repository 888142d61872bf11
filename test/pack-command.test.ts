import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../scripts/run.mjs';

const directory = mkdtempSync(join(tmpdir(), 'vk-pack-'));
const script = join(root, 'scripts/pack.mjs');
const linked = join(directory, 'pack.mjs');
symlinkSync(script, linked);

afterAll(() => rmSync(directory, { recursive: true }));

describe('the command that packs', () => {
  it.each([
    ['an option that it does not have', [script, '--everything']],
    ['two directories', [script, directory, directory]],
    ['an option, by another path to it', [linked, '-x']],
  ])('does not end as if all were well, and says what it takes: %s', (_what, args) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('npm run pack [-- DIRECTORY]');
  });
});
