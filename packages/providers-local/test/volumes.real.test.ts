import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LocalVolumes } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const web = '11111111-2222-4333-8444-555555555555';
const snapshotId = '11111111-2222-4333-8444-777777777777';
const connection = { instanceUuid: web, projectId: 'acme', connector: { host: 'host-1', address: '127.0.0.1' } };

let directory: TemporaryDirectory;
let volumes: LocalVolumes;

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  volumes = await LocalVolumes.open({ directory: directory.path, hosts: ['host-1'] });
  await volumes.createVolume({ id: 'data', name: 'data', projectId: 'acme', sizeMib: 8, format: 'qcow2' });
});
afterEach(async () => {
  await volumes.close();
  await directory[Symbol.asyncDispose]();
});

const disk = () => directory.at('volumes', 'data', 'disk');
const sizeMib = async (path = disk()) => {
  const { stdout } = await promisify(execFile)('qemu-img', ['info', '-U', '--output=json', '-f', 'qcow2', path]);
  return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'] / 1024 ** 2;
};

describe('a qcow2 volume', () => {
  it('is made by qemu-img, readable by nobody else', async () => {
    expect([await sizeMib(), (await stat(disk())).mode & 0o777]).toEqual([8, 0o600]);
    expect(await volumes.connect('data', connection)).toEqual({ type: 'file', path: disk(), format: 'qcow2' });
  });

  it('grows when it is free', async () => {
    expect([await volumes.extend('data', 32), await sizeMib()]).toEqual([32, 32]);
  });

  it('is left to the QEMU that has it open, and grows when it is connected after that', async () => {
    await volumes.connect('data', connection);
    const qemu = spawn('qemu-io', ['-f', 'qcow2', disk()], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(qemu, 'exit');
    try {
      qemu.stdin.write('length\n');
      await once(qemu.stdout, 'data');
      expect(await volumes.extend('data', 32)).toBe(32);
      expect(await volumes.connect('data', connection)).toMatchObject({ path: disk() });
      expect(await sizeMib()).toBe(8);
    } finally {
      qemu.stdin.end('quit\n');
      await ended;
    }
    await volumes.connect('data', connection);
    expect(await sizeMib()).toBe(32);
  });

  it('is written to through its snapshot, and grows there', async () => {
    await volumes.connect('data', connection);
    const { path } = await volumes.beginSnapshot({ snapshotId, volumeId: 'data', instanceUuid: web });
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk(), '-F', 'qcow2', path]);
    expect(await volumes.connect('data', connection)).toMatchObject({ path });
    await volumes.finishSnapshot(snapshotId);
    await volumes.disconnect('data', { instanceUuid: web, host: 'host-1' });
    await volumes.extend('data', 32);
    expect([await sizeMib(path), await sizeMib()]).toEqual([32, 8]);

    await volumes.beginSnapshotDeletion(snapshotId);
    execFileSync('qemu-img', ['commit', '-q', '-f', 'qcow2', path]);
    await volumes.finishSnapshotDeletion(snapshotId);
    expect(await volumes.connect('data', connection)).toMatchObject({ path: disk() });
    expect(await sizeMib()).toBe(32);
    expect(await readdir(directory.at('volumes', 'data'))).toEqual(['disk', 'volume.json']);
  });

  it('is not there after an abort', async () => {
    const abort = new AbortController();
    const volume = { id: 'late', name: 'late', projectId: 'acme', sizeMib: 8, format: 'qcow2' } as const;
    const creating = volumes.createVolume(volume, { signal: abort.signal });
    abort.abort();
    expect((await rejectionOf(creating, 'ABORTED')).effect).toBe('none');
    expect(await readdir(directory.at('volumes'))).toEqual(['data']);
    expect(await readdir(directory.at('volumes.unfinished'))).toEqual([]);
  });

  it('says in a word that qemu-img could not do it', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = directory.path;
    try {
      const volume = { id: 'late', name: 'late', projectId: 'acme', sizeMib: 8, format: 'qcow2' } as const;
      const failure = await rejectionOf(volumes.createVolume(volume), 'STORE_UNAVAILABLE');
      expect(failure.message).not.toContain('qemu-img');
    } finally {
      process.env['PATH'] = before;
    }
    expect(await readdir(directory.at('volumes.unfinished'))).toEqual([]);
  });
});
