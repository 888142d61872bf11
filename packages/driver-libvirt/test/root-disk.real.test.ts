import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Flavor, Image } from '@virtkit/core/driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstanceDirectory } from '../src/files/instance-directory.js';
import { createRootDisk, planRootDisk } from '../src/files/root-disk.js';
import { instanceSpec } from './support/instance-spec.js';
import { rejectionOf } from './support/readers.js';

const command = { timeoutMs: 20_000 };

describe('a root disk', () => {
  let root: string;
  const spec = instanceSpec();
  const flavorOf = (rootDiskGib: number): Flavor => ({ ...spec.flavor, rootDiskGib });
  const imageOf = (overrides: Partial<Image> = {}): Image => ({ ...spec.image, ...overrides });
  const at = (name: string) => join(root, name);

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'vk-disk-')));
    const create = (...args: string[]) => execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args]);
    create(at('base.qcow2'), '2G');
    create('-b', at('base.qcow2'), '-F', 'qcow2', at('over.qcow2'));
    create('-o', `data_file=${at('data.raw')}`, at('apart.qcow2'), '1M');
    await writeFile(at('plain.raw'), Buffer.alloc(1024 ** 2));
  });

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('is as large as the flavor says, over an image whose format is written down', async () => {
    const plan = await planRootDisk(imageOf(), flavorOf(3), { disk: at('base.qcow2') }, command);
    const directory = new InstanceDirectory(root, spec.uuid);
    await directory.create();
    await createRootDisk(directory, plan ?? expect.fail('no disk is planned'), command);
    const info = execFileSync('qemu-img', ['info', '--output=json', '-f', 'qcow2', directory.rootDisk]).toString();
    expect(JSON.parse(info)).toMatchObject({
      'virtual-size': 3 * 1024 ** 3,
      'backing-filename': at('base.qcow2'),
      'backing-filename-format': 'qcow2',
    });
    expect((await stat(directory.rootDisk)).mode & 0o777).toBe(0o600);
    expect(await directory.belongings()).toEqual(['instance directory', 'disk']);
  });

  it('is as large as the image when the flavor does not say', async () => {
    const plan = await planRootDisk(imageOf(), flavorOf(0), { disk: at('base.qcow2') }, command);
    expect(plan?.sizeBytes).toBe(2 * 1024 ** 3);
  });

  it('is empty without an image disk, and not there when the flavor offers none', async () => {
    expect(await planRootDisk(imageOf(), flavorOf(1), {}, command)).toEqual({ sizeBytes: 1024 ** 3 });
    expect(await planRootDisk(imageOf(), flavorOf(0), {}, command)).toBeUndefined();
  });

  it('is refused when the flavor is smaller than the image', async () => {
    const planned = planRootDisk(imageOf(), flavorOf(1), { disk: at('base.qcow2') }, command);
    const { details } = await rejectionOf(planned, 'FLAVOR_TOO_SMALL');
    expect(details).toEqual({ resource: 'disk', requiredMib: 2048, offeredMib: 1024 });
  });

  it.each([
    ['memory', { minMemoryMib: 512 }, 512],
    ['disk', { minDiskGib: 9 }, 9 * 1024],
  ] as const)('is refused when the image asks for more %s', async (resource, overrides, requiredMib) => {
    const planned = planRootDisk(imageOf(overrides), flavorOf(3), { disk: at('base.qcow2') }, command);
    expect((await rejectionOf(planned, 'FLAVOR_TOO_SMALL')).details).toMatchObject({ resource, requiredMib });
  });

  it.each([
    ['is in another format than recorded', 'plain.raw', 'format'],
    ['has a backing file', 'over.qcow2', 'format'],
    ['keeps its data in another file', 'apart.qcow2', 'format'],
  ])('is refused over an image that %s', async (_what, name, reason) => {
    const planned = planRootDisk(imageOf(), flavorOf(3), { disk: at(name) }, command);
    const failure = await rejectionOf(planned, 'IMAGE_UNACCEPTABLE');
    expect(failure.details.reason).toBe(reason);
    expect(failure.message).not.toContain(root);
  });

  const head = (letters: string, offset = 0) => {
    const content = Buffer.alloc(1024 ** 2, 1);
    content.write(letters, offset, 'latin1');
    return content;
  };

  it.each<[what: string, content: Buffer, reason: string]>([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a gzip', gzipSync(randomBytes(4096)), 'format'],
    ['a gzip of whole sectors', head('\x1f\x8b\x08'), 'format'],
    ['an xz', head('\xfd7zXZ\0'), 'format'],
    ['a zstd', head('\x28\xb5\x2f\xfd'), 'format'],
    ['a zip', head('PK\x03\x04'), 'format'],
    ['a tar', head('ustar', 257), 'format'],
    ['a vmdk', head('KDMV'), 'format'],
    ['the description of a vmdk', head('# Disk DescriptorFile\nversion=1\n'), 'format'],
    ['a vdi', head('\x7f\x10\xda\xbe', 64), 'format'],
    ['a vhd', head('conectix'), 'format'],
    ['a qcow2', head('QFI\xfb'), 'format'],
    ['an error page', Buffer.from('<!DOCTYPE html><html><body>404 Not Found</body></html>'), 'format'],
    ['an error page of whole sectors', head('\n  <html>'), 'format'],
    ['a download that was cut', Buffer.alloc(1_000_000), 'format'],
  ])('is refused over an image that is said to be raw and is %s', async (_what, content, reason) => {
    const disk = at('said-raw');
    await writeFile(disk, content);
    const planned = planRootDisk(imageOf({ diskFormat: 'raw' }), flavorOf(3), { disk }, command);
    const failure = await rejectionOf(planned, 'IMAGE_UNACCEPTABLE');
    expect(failure.details.reason).toBe(reason);
    expect(failure.effect).toBe('none');
    expect(failure.message).not.toContain(root);
  });

  it.each([
    ['a gzip', gzipSync(randomBytes(4096))],
    ['an error page', Buffer.from('<html>')],
    ['nothing', Buffer.alloc(0)],
    ['a vmdk', head('KDMV')],
  ])('is refused over an image that is said to be qcow2 and is %s', async (_what, content) => {
    const disk = at('said-qcow2');
    await writeFile(disk, content);
    const planned = planRootDisk(imageOf(), flavorOf(3), { disk }, command);
    expect((await rejectionOf(planned, 'IMAGE_UNACCEPTABLE')).details.reason).toMatch(/^(format|damaged|empty)$/u);
  });

  it('takes a raw image whatever a guest has written behind its first sector', async () => {
    const disk = at('written');
    const content = Buffer.alloc(1024 ** 2);
    content.write('QFI\xfb', 4096, 'latin1');
    await writeFile(disk, content);
    const plan = await planRootDisk(imageOf({ diskFormat: 'raw' }), flavorOf(0), { disk }, command);
    expect(plan?.base).toEqual({ path: disk, format: 'raw' });
  });
});
