import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newcArchive, type ArchiveEntry } from '../src/guest/newc-archive.js';

describe('newcArchive', () => {
  let directory: string;
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'newc-'))));
  afterEach(() => rm(directory, { recursive: true }));

  function unpack(entries: readonly ArchiveEntry[]): void {
    execFileSync('busybox', ['cpio', '-i'], { cwd: directory, input: newcArchive(entries), stdio: 'pipe' });
  }

  it('is unpacked by another implementation as it was given', async () => {
    unpack([
      { kind: 'directory', path: 'bin' },
      { kind: 'file', path: 'bin/program', mode: 0o755, content: Buffer.from('#!') },
      { kind: 'link', path: 'bin/alias', target: 'program' },
    ]);
    expect((await stat(join(directory, 'bin/program'))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(directory, 'bin/program'), 'utf8')).toBe('#!');
    expect(await readlink(join(directory, 'bin/alias'))).toBe('program');
  });

  it('pads names and contents of every length', async () => {
    const lengths = [0, 1, 2, 3, 4, 5];
    const names = lengths.map((length) => 'n'.repeat(length + 1));
    unpack(
      names.map((path, length) => ({ kind: 'file', path, mode: 0o600, content: Buffer.alloc(length, 'c') }) as const),
    );
    const contents = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
    expect(contents).toEqual(lengths.map((length) => 'c'.repeat(length)));
  });
});
