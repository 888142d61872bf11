import { statSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoMountNamespace, whyNoNodes } from '../scripts/what-cannot-run.mjs';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vk-unshare-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** A program that ends so, whatever it is asked. */
async function program(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** What `stat` says of the root of this process. */
function rootHere(): string {
  const { dev, ino } = statSync('/', { bigint: true });
  return `${dev}:${ino}`;
}

describe('a place without mount namespaces is told in one sentence what it cannot do and what to do', () => {
  it.each([
    ['unshare failed: Operation not permitted', 'CAP_SYS_ADMIN'],
    ['unshare failed: Cannot allocate memory', 'a virtual machine'],
  ])('%s', async (words, advice) => {
    const unshare = await program('unshare', `echo 'unshare: ${words}' >&2; exit 1`);
    const nsenter = await program('nsenter', `echo ${rootHere()}`);
    const said = whyNoMountNamespace({ unshare, nsenter });
    expect(said).toMatch(/^a private libvirtd needs a mount namespace/);
    expect(said).toContain(words);
    expect(said).toContain(advice);
    expect(said).not.toContain('\n');
  });

  it('also where there is no such program', () => {
    const missing = join(directory, 'missing');
    expect(whyNoMountNamespace({ unshare: missing, nsenter: missing })).toContain('ENOENT');
  });
});

describe('a chroot is told in one sentence what it cannot do and what to do', () => {
  it.each([
    ['with a root that is no mount point', "echo 'unshare: cannot change root filesystem propagation' >&2; exit 1"],
    ['with a root that is a mount point', 'exit 0'],
  ])('%s', async (_what, unsharing) => {
    const unshare = await program('unshare', unsharing);
    const nsenter = await program('nsenter', 'echo 1:1');
    const said = whyNoMountNamespace({ unshare, nsenter });
    expect(said).toMatch(/^a private libvirtd needs a root of its own, and this is a chroot/);
    expect(said).toContain('systemd-nspawn');
    expect(said).not.toContain('\n');
  });

  it('and a place that cannot look is not taken for one', async () => {
    const unshare = await program('unshare', 'exit 0');
    const nsenter = await program('nsenter', 'exit 1');
    expect(whyNoMountNamespace({ unshare, nsenter })).toBeUndefined();
  });
});

describe('a machine without the library that Node 26 needs', () => {
  it('is given it, and the tests on every Node run', async () => {
    const installed: string[] = [];
    const install = async (packages: readonly string[]): Promise<void> => void installed.push(...packages);
    expect(await whyNoNodes({ hasLibrary: () => false, install })).toBeUndefined();
    expect(installed).toEqual(['libatomic1']);
    expect(await whyNoNodes({ hasLibrary: () => true, install })).toBeUndefined();
    expect(installed).toEqual(['libatomic1']);
  });

  it.each(['E: Unable to locate package libatomic1', 'only root may install packages'])(
    'is told what is missing where it cannot be given: %s',
    async (words) => {
      const install = async (): Promise<never> => await Promise.reject(new Error(words));
      expect(await whyNoNodes({ hasLibrary: () => false, install })).toBe(words);
    },
  );
});
