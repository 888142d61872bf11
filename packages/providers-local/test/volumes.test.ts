import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { LocalVolumes, type LocalVolumesOptions } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damagedRecords } from './support/damaged-records.js';
import { qcow2Disk } from './support/disks.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const web = '11111111-2222-4333-8444-555555555555';
const db = '11111111-2222-4333-8444-666666666666';
const snapshotId = '11111111-2222-4333-8444-777777777777';
const otherSnapshotId = '11111111-2222-4333-8444-888888888888';
const viewer = { projectId: 'acme' };

let directory: TemporaryDirectory;
let volumes: LocalVolumes;

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  volumes = await open();
  await volumes.createVolume({ id: 'data', name: 'data', projectId: 'acme', sizeMib: 8 });
});
afterEach(async () => {
  await volumes.close();
  await directory[Symbol.asyncDispose]();
});

async function open(options: Partial<LocalVolumesOptions> = {}): Promise<LocalVolumes> {
  return await LocalVolumes.open({ directory: directory.path, hosts: ['host-1', 'host-2'], ...options });
}

async function reopened(): Promise<LocalVolumes> {
  await volumes.close();
  volumes = await open();
  return volumes;
}

const at = (host: string, instanceUuid = web) => ({
  instanceUuid,
  projectId: 'acme',
  connector: { host, address: '127.0.0.1' },
});
const disk = () => directory.at('volumes', 'data', 'disk');
const reasonOf = async (call: Promise<unknown>) => (await rejectionOf(call, 'VOLUME_UNAVAILABLE')).details.reason;
const attachment = async () => (await volumes.getVolume('data', viewer)).attachment;

describe('a volume', () => {
  it('is a sparse file of its size, readable by nobody else, and free', async () => {
    const { size, blocks, mode } = await stat(disk());
    expect([size, blocks, mode & 0o777]).toEqual([8 * 1024 ** 2, 0, 0o600]);
    const volume = { id: 'data', name: 'data', projectId: 'acme', sizeMib: 8, attachment: null };
    expect(await volumes.getVolume('data', viewer)).toEqual(volume);
    expect(await volumes.listVolumes()).toEqual([volume]);
    expect(await volumes.listVolumes({ projectId: 'other' })).toEqual([]);
    expect(await (await reopened()).getVolume('data', viewer)).toEqual(volume);
  });

  it('is its project’s', async () => {
    await rejectionOf(volumes.getVolume('data', { projectId: 'other' }), 'VOLUME_NOT_FOUND');
    await rejectionOf(volumes.reserve('data', { instanceUuid: web, projectId: 'other' }), 'VOLUME_NOT_FOUND');
    await rejectionOf(volumes.connect('data', { ...at('host-1'), projectId: 'other' }), 'VOLUME_NOT_FOUND');
    await rejectionOf(volumes.getVolume('../data', viewer), 'VOLUME_NOT_FOUND');
  });

  it('is reserved, connected, disconnected and given back, each as often as one likes', async () => {
    const holder = { instanceUuid: web, projectId: 'acme' };
    for (const _ of [1, 2]) await volumes.reserve('data', holder);
    expect(await attachment()).toEqual({ instanceUuid: web, hosts: [] });
    const source = { type: 'file', path: disk(), format: 'raw' };
    for (const _ of [1, 2]) expect(await volumes.connect('data', at('host-1'))).toEqual(source);
    expect(await (await reopened()).volumesOf({ instanceUuid: web })).toMatchObject([
      { attachment: { hosts: ['host-1'] } },
    ]);
    for (const _ of [1, 2]) await volumes.disconnect('data', { instanceUuid: web, host: 'host-1' });
    expect(await attachment()).toEqual({ instanceUuid: web, hosts: [] });
    for (const _ of [1, 2]) await volumes.unreserve('data', { instanceUuid: web });
    expect(await (await reopened()).volumesOf({ instanceUuid: web })).toEqual([]);
  });

  it('is one instance’s, and on two hosts while that one moves', async () => {
    await volumes.connect('data', at('host-1'));
    await volumes.connect('data', at('host-2'));
    expect(await attachment()).toEqual({ instanceUuid: web, hosts: ['host-1', 'host-2'] });
    expect(await reasonOf(volumes.connect('data', at('host-1', db)))).toBe('in use');
    expect(await reasonOf(volumes.reserve('data', { instanceUuid: db, projectId: 'acme' }))).toBe('in use');
    await volumes.disconnect('data', { instanceUuid: db, host: 'host-1' });
    await volumes.unreserve('data', { instanceUuid: db });
    await volumes.disconnect('data', { instanceUuid: web, host: 'host-1' });
    expect(await attachment()).toEqual({ instanceUuid: web, hosts: ['host-2'] });
  });

  it('is refused under a reservation that has ended: a late call does not touch the next holder', async () => {
    const first = { ...at('host-1'), reservationId: 'reservation-1' };
    await volumes.connect('data', first);
    await volumes.unreserve('data', first);
    await volumes.unreserve('data', { instanceUuid: web, reservationId: 'never-made' });
    await reopened();
    for (const reservationId of ['reservation-1', 'never-made']) {
      await rejectionOf(volumes.reserve('data', { ...first, reservationId }), 'RESERVATION_ENDED');
      await rejectionOf(volumes.connect('data', { ...first, reservationId }), 'RESERVATION_ENDED');
    }
    const next = { ...at('host-1'), reservationId: 'reservation-2' };
    await volumes.connect('data', next);
    await volumes.disconnect('data', { ...first, host: 'host-1' });
    await volumes.unreserve('data', first);
    expect(await attachment()).toEqual({ instanceUuid: web, reservationId: 'reservation-2', hosts: ['host-1'] });
  });

  it('is the instance’s under its latest reservation, connected where it was', async () => {
    await volumes.connect('data', { ...at('host-1'), reservationId: 'reservation-1' });
    await volumes.reserve('data', { ...at('host-1'), reservationId: 'reservation-2' });
    expect(await attachment()).toEqual({ instanceUuid: web, reservationId: 'reservation-2', hosts: ['host-1'] });
    await rejectionOf(
      volumes.connect('data', { ...at('host-1'), reservationId: 'reservation-1' }),
      'RESERVATION_ENDED',
    );
    await volumes.unreserve('data', { instanceUuid: web, reservationId: 'reservation-1' });
    expect((await attachment())?.reservationId).toBe('reservation-2');
  });

  it('is one build’s: another build of the instance is refused, and gives nothing back', async () => {
    const known = { instanceUuid: web, buildUuid: 'build-1', reservationId: 'reservation-1' };
    await volumes.connect('data', { ...at('host-1'), ...known });
    for (const other of [{ instanceUuid: web, buildUuid: 'build-2' }, { instanceUuid: web }]) {
      await rejectionOf(volumes.reserve('data', { ...other, projectId: 'acme' }), 'INSTANCE_EXISTS');
      await rejectionOf(volumes.connect('data', { ...at('host-1'), ...other }), 'INSTANCE_EXISTS');
      await volumes.disconnect('data', { ...other, host: 'host-1' });
      await volumes.unreserve('data', other);
      expect(await volumes.volumesOf(other)).toEqual([]);
    }
    expect(await attachment()).toEqual({ ...known, hosts: ['host-1'] });
  });

  it('goes to one of ten who ask at the same moment', async () => {
    const uuids = Array.from({ length: 10 }, (_, index) => `11111111-2222-4333-8444-00000000000${index}`);
    const settled = await Promise.allSettled(uuids.map((uuid) => volumes.connect('data', at('host-1', uuid))));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not connected to a host that does not have its directory', async () => {
    expect(await reasonOf(volumes.connect('data', at('host-9')))).toBe('cannot be connected');
    expect(await attachment()).toBeNull();
  });

  it('is deleted when nobody has it, and may be deleted again', async () => {
    await volumes.reserve('data', { instanceUuid: web, projectId: 'acme' });
    expect(await reasonOf(volumes.deleteVolume('data'))).toBe('in use');
    await volumes.unreserve('data', { instanceUuid: web });
    for (const _ of [1, 2]) await volumes.deleteVolume('data');
    expect(await readdir(directory.at('volumes'))).toEqual([]);
    expect(await readdir(directory.at('volumes.unfinished'))).toEqual([]);
  });

  it('grows at once when it is free, and never shrinks', async () => {
    expect(await volumes.extend('data', 16)).toBe(16);
    expect((await stat(disk())).size).toBe(16 * 1024 ** 2);
    expect(await volumes.extend('data', 4)).toBe(16);
    expect((await (await reopened()).getVolume('data', viewer)).sizeMib).toBe(16);
  });

  it('grows by the driver while it is connected, and otherwise when it is next', async () => {
    await volumes.connect('data', at('host-1'));
    expect(await volumes.extend('data', 16)).toBe(16);
    expect((await stat(disk())).size).toBe(8 * 1024 ** 2);
    await volumes.connect('data', at('host-1'));
    expect((await stat(disk())).size).toBe(16 * 1024 ** 2);
  });

  it('keeps a file that its driver has grown further', async () => {
    await truncate(disk(), 32 * 1024 ** 2);
    await volumes.connect('data', at('host-1'));
    expect((await stat(disk())).size).toBe(32 * 1024 ** 2);
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ id: '../x' }, 'id'],
    [{ id: 'data' }, 'id'],
    [{ sizeMib: 0 }, 'sizeMib'],
    [{ sizeMib: 1.5 }, 'sizeMib'],
    [{ sizeMib: 17 * 1024 * 1024 }, 'sizeMib'],
    [{ format: 'vmdk' }, 'format'],
  ])('is not created with %j', async (overrides, field) => {
    const creating = volumes.createVolume({ name: 'x', projectId: 'acme', sizeMib: 1, ...overrides } as never);
    expect((await rejectionOf(creating, 'INVALID_INPUT')).details.field).toBe(field);
    expect(await readdir(directory.at('volumes'))).toEqual(['data']);
  });

  it.each(damagedRecords)(
    'is left alone when its record is damaged, and keeps no other away: %s',
    async (_what, damage) => {
      await volumes.createVolume({ id: 'other', name: 'other', projectId: 'acme', sizeMib: 1 });
      await damage(directory.at('volumes', 'data', 'volume.json'));
      await reopened();
      await rejectionOf(volumes.connect('data', at('host-1')), 'STORE_UNAVAILABLE');
      await rejectionOf(
        volumes.createVolume({ id: 'data', name: 'x', projectId: 'acme', sizeMib: 1 }),
        'INVALID_INPUT',
      );
      expect(await volumes.connect('other', at('host-1'))).toMatchObject({ type: 'file' });
    },
  );
});

describe('a snapshot of a volume', () => {
  const place = () => directory.at('volumes', 'data', `snapshot-${snapshotId}`);
  const begin = (overrides: object = {}) =>
    volumes.beginSnapshot({ snapshotId, volumeId: 'data', instanceUuid: web, ...overrides });
  const overlay = () => qcow2Disk({ backingFile: disk(), virtualSizeBytes: 8n * 1024n ** 2n });
  const written = async () => (await volumes.connect('data', at('host-1'))) as { path: string; format: string };

  beforeEach(async () => {
    await volumes.connect('data', at('host-1'));
  });

  it('is what the guest writes to from its finish until it is merged', async () => {
    const answer = { snapshotId, volumeId: 'data', path: place(), format: 'qcow2' };
    for (const _ of [1, 2]) expect(await begin()).toEqual(answer);
    await expect(stat(place())).rejects.toThrow('ENOENT');
    await writeFile(place(), overlay());
    for (const _ of [1, 2]) await volumes.finishSnapshot(snapshotId);
    await reopened();
    expect(await written()).toEqual({ type: 'file', path: place(), format: 'qcow2' });

    for (const _ of [1, 2]) expect(await volumes.beginSnapshotDeletion(snapshotId)).toEqual(answer);
    await reopened();
    expect(await reasonOf(volumes.connect('data', at('host-1')))).toBe('cannot be connected');
    expect(await reasonOf(volumes.extend('data', 64))).toBe('cannot be resized');
    for (const _ of [1, 2]) await volumes.finishSnapshotDeletion(snapshotId);
    expect(await written()).toEqual({ type: 'file', path: disk(), format: 'raw' });
    expect(await readdir(directory.at('volumes', 'data'))).toEqual(['disk', 'volume.json']);
    expect(await volumes.beginSnapshotDeletion(snapshotId)).toBeUndefined();
  });

  it('that was begun and not finished counts when QEMU may be writing to it', async () => {
    await begin();
    expect((await written()).path).toBe(disk());
    await writeFile(place(), overlay().subarray(0, 100));
    expect((await written()).path).toBe(disk());
    await writeFile(place(), overlay());
    await reopened();
    expect((await written()).path).toBe(place());
    expect(await readFile(place())).toHaveLength(256 * 1024);
  });

  it('is taken of a connected volume, one at a time', async () => {
    await begin();
    expect(await reasonOf(begin({ snapshotId: otherSnapshotId }))).toBe('in use');
    await volumes.finishSnapshot(snapshotId);
    expect((await begin({ snapshotId: otherSnapshotId })).path).toContain(otherSnapshotId);
    expect(await reasonOf(volumes.beginSnapshotDeletion(snapshotId))).toBe('in use');
    await volumes.beginSnapshotDeletion(otherSnapshotId);
    await volumes.finishSnapshotDeletion(otherSnapshotId);
    await volumes.disconnect('data', { instanceUuid: web, host: 'host-1' });
    expect(await reasonOf(begin({ snapshotId: otherSnapshotId }))).toBe('not attached');
    expect(await reasonOf(begin({ snapshotId: otherSnapshotId, instanceUuid: db }))).toBe('not attached');
    await rejectionOf(begin({ volumeId: 'gone', snapshotId: otherSnapshotId }), 'VOLUME_NOT_FOUND');
    const escaping = begin({ snapshotId: '../../x' });
    expect((await rejectionOf(escaping, 'INVALID_INPUT')).details.field).toBe('snapshotId');
  });
});

describe('the volumes', () => {
  it.each<[object, string]>([
    [{ directory: 'relative' }, 'directory'],
    [{ hosts: [] }, 'hosts'],
    [{ commandTimeoutMs: 1 }, 'commandTimeoutMs'],
    [{ sizeGib: 1 }, 'sizeGib'],
  ])('are not opened with %j', async (options, field) => {
    expect((await rejectionOf(open(options), 'INVALID_CONFIGURATION')).details.field).toBe(field);
  });

  it('are one process’s at a time', async () => {
    await rejectionOf(open(), 'INVALID_CONFIGURATION');
    await volumes.close();
    await rejectionOf(volumes.extend('data', 16), 'STORE_UNAVAILABLE');
    volumes = await open();
  });

  it('remove what a killed process was making', async () => {
    await mkdir(directory.at('volumes.unfinished', 'x~new~00000000-1-1'));
    await writeFile(directory.at('volumes', 'data', 'volume.json.0a.new'), '{');
    await reopened();
    expect(await readdir(directory.at('volumes.unfinished'))).toEqual([]);
    expect(await readdir(directory.at('volumes', 'data'))).toEqual(['disk', 'volume.json']);
  });
});
