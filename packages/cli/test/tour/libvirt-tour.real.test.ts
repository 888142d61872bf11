import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leftovers, startPrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readColumns, runVirtkit } from '../support/run-virtkit.js';

const TOUR_TIMEOUT_MS = 300_000;

let directory: string;
let temporary: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tour-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const tourArgs = ['tour', '--driver', 'libvirt'];
const env = (): NodeJS.ProcessEnv => ({ TMPDIR: temporary, COLUMNS: '160' });

/** Files of the tour, its processes, its mounts. */
async function leftByTour(): Promise<readonly string[]> {
  return [...(await readdir(temporary)), ...(await leftovers(temporary))];
}

describe('the tour on libvirt', () => {
  it(
    'boots a guest, makes its start fail, repairs it, and leaves nothing',
    async () => {
      const { exitCode, stdout, stderr } = await runVirtkit(tourArgs, { env: env() });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout.match(/GUEST-UP/g)).toHaveLength(2);
      const seen = readColumns(stdout);
      for (const word of ['/images/vmlinuz', `compute-${hostname()}`, 'LibvirtError', '<domain']) {
        expect(seen.right).toContain(word);
        expect(seen.left).not.toContain(word);
      }
      expect(seen.left).toContain('its kernel or ramdisk is missing');
      expect(stdout).toContain('Left behind: nothing');
      expect(await leftByTour()).toEqual([]);
    },
    TOUR_TIMEOUT_MS,
  );

  it(
    'leaves nothing when it is interrupted while its libvirtd starts',
    async () => {
      const interrupt = { signal: 'SIGINT', when: 'Starting a libvirtd' } as const;
      const { exitCode, stderr } = await runVirtkit(tourArgs, { env: env(), interrupt });
      expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Stopped: SIGINT.\n' });
      expect(await leftByTour()).toEqual([]);
    },
    TOUR_TIMEOUT_MS,
  );

  it(
    'leaves nothing under a libvirtd that was named when it is interrupted in the middle, and leaves that alone',
    async () => {
      await using daemon = await startPrivateLibvirtd({ directory: join(directory, 'named') });
      const interrupt = { signal: 'SIGTERM', when: 'GUEST-UP' } as const;
      const args = [...tourArgs, '--uri', daemon.uri];
      const { exitCode, stderr } = await runVirtkit(args, { env: env(), interrupt });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 143,
        stderr: 'Stopped: SIGTERM.\nCleaning up ...\nNothing is left behind.\n',
      });
      expect(await leftByTour()).toEqual([]);
      const virsh = await promisify(execFile)('virsh', ['--connect', daemon.uri, 'list', '--all', '--name']);
      expect(virsh.stdout.trim()).toBe('');
    },
    TOUR_TIMEOUT_MS,
  );
});
