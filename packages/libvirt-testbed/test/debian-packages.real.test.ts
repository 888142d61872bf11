import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installDebianPackages, missingDebianPackages, requiredDebianPackages } from '@virtkit/libvirt-testbed';

describe('the required Debian packages', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('are all found on a machine that was set up', async () => {
    expect(await missingDebianPackages()).toEqual([]);
  });

  it('are all missed by a package database that knows none of them', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'dpkg-'));
    try {
      await mkdir(join(empty, 'info'));
      await writeFile(join(empty, 'status'), '');
      vi.stubEnv('DPKG_ADMINDIR', empty);
      expect(await missingDebianPackages()).toEqual(requiredDebianPackages);
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  it('are asked for by name when this process may not install them', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    const log = vi.fn();
    await expect(installDebianPackages(['qemu-utils'], { log })).rejects.toThrow(/only root.*qemu-utils/);
    expect(log).not.toHaveBeenCalled();
  });

  it('are refused when a name could be an option of apt-get', async () => {
    await expect(installDebianPackages(['qemu-utils', '--purge'])).rejects.toThrow(/"--purge" is not the name/);
  });
});
