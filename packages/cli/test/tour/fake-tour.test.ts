import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { readColumns, runVirtkit } from '../support/run-virtkit.js';

/** What the simulated hypervisor says of its host when it refuses the start. */
const canaries = [
  'rack7-node12.example.net',
  '/var/lib/virtkit/disks/000172.qcow2',
  '198.51.100.23:16509',
  'tok_9f2c51e8d7',
  '/srv/images/debian-13.qcow2',
];

describe('virtkit tour', () => {
  it('shows the words of the host in the column of the operator and nowhere else', async () => {
    const { exitCode, stdout, stderr } = await runVirtkit(['tour'], { env: { COLUMNS: '100' } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const seen = readColumns(stdout);
    for (const canary of canaries) {
      expect(seen.right).toContain(canary);
      expect(seen.left).not.toContain(canary);
      expect(seen.else).not.toContain(canary);
    }
    expect(seen.left).toContain('GUEST_START_FAILED');
    expect(seen.left).toContain('could not be started: the hypervisor refused it.');
  });

  it('shows each step with its action, events, notifications and states, and ends with what was kept', async () => {
    const { stdout } = await runVirtkit(['tour'], { env: { COLUMNS: '160' } });
    const failing = /4 {2}Its start fails(.*)5 {2}The next/s.exec(stdout)?.[1];
    expect(failing).toMatch(/Action +reboot: failed after \d+ ms/);
    expect(failing).toMatch(/Events +compute_reboot_instance: Error/);
    expect(failing).toMatch(/Notifications +instance\.reboot\.start, instance\.reboot\.error, compute\.exception/);
    expect(failing).toMatch(/States +vm error · task none · power SHUTDOWN/);
    expect(stdout).toMatch(/Action +delete: succeeded.*Left behind: nothing/s);
    expect(stdout.match(/^ +kept /gm)).toHaveLength(8);
  });

  it('is plain text in the width it is given when nobody sits before it', async () => {
    const { stdout } = await runVirtkit(['tour'], { env: { COLUMNS: '80' } });
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('│');
  });

  it('shows one column after the other when it is narrow', async () => {
    const { exitCode, stdout } = await runVirtkit(['tour'], { env: { COLUMNS: '60' } });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('│');
    expect(stdout).toMatch(/What the tenant sees.*What the operator sees/s);
  });
});

describe('virtkit', () => {
  it('says its version', async () => {
    expect(await runVirtkit(['--version'])).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('says what it can do', async () => {
    const { exitCode, stdout } = await runVirtkit(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('virtkit tour [options]');
  });

  it('says what it does not know, to those who read errors', async () => {
    const stderr = 'virtkit: unknown option --speed; accepted: --driver, --uri, --install, --help, --version\n';
    expect(await runVirtkit(['tour', '--speed=9'])).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});
