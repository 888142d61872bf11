import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildGuestImage } from '@virtkit/libvirt-testbed';
import { cacheDirectory } from '../src/cache-directory.js';
import { kernelPackage } from '../src/guest/kernel-package.js';

describe('buildGuestImage', () => {
  let directory: string;
  let kernel: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guest-'));
    const cached = await kernelPackage(cacheDirectory('guest'));
    kernel = basename(cached);
    await copyFile(cached, join(directory, kernel));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('may run twice at once: both get the same image, and nothing half-built stays', async () => {
    const [first, second] = await Promise.all([buildGuestImage({ directory }), buildGuestImage({ directory })]);
    expect(second).toEqual(first);
    expect((await readdir(directory)).sort()).toEqual([basename(dirname(first.kernelPath)), kernel].sort());
  });

  it('builds the same bytes from the same inputs', async () => {
    const first = await buildGuestImage({ directory });
    const archive = await readFile(first.initrdPath);
    await rm(dirname(first.initrdPath), { recursive: true });
    const second = await buildGuestImage({ directory });
    expect(archive.equals(await readFile(second.initrdPath))).toBe(true);
  });

  it('leaves no image behind when it is aborted', async () => {
    const abort = new AbortController();
    const image = buildGuestImage({ directory, signal: abort.signal });
    abort.abort();
    await expect(image).rejects.toThrow();
    expect(await readdir(directory)).toEqual([kernel]);
  });
});
