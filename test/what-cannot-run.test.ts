import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoMountNamespace } from '../scripts/what-cannot-run.mjs';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vk-unshare-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** A program that refuses in these words, as unshare does. */
async function refusing(words: string): Promise<string> {
  const path = join(directory, 'unshare');
  await writeFile(path, `#!/bin/sh\necho 'unshare: ${words}' >&2\nexit 1\n`);
  await chmod(path, 0o755);
  return path;
}

describe('a place without mount namespaces is told in one sentence what it cannot do and what to do', () => {
  it.each([
    ['cannot change root filesystem propagation: Invalid argument', 'mount --bind DIR DIR'],
    ['unshare failed: Operation not permitted', 'CAP_SYS_ADMIN'],
    ['unshare failed: Cannot allocate memory', 'a virtual machine'],
  ])('%s', async (words, advice) => {
    const said = whyNoMountNamespace(await refusing(words));
    expect(said).toMatch(/^a private libvirtd needs a mount namespace/);
    expect(said).toContain(words);
    expect(said).toContain(advice);
    expect(said).not.toContain('\n');
  });

  it('also where there is no such program', () => {
    expect(whyNoMountNamespace(join(directory, 'missing'))).toContain('ENOENT');
  });
});
