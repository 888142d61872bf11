import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('takes a raw image for what it is recorded to be, whatever a guest has written into it', async () => {
    const plan = await planRootDisk(imageOf({ diskFormat: 'raw' }), flavorOf(0), { disk: at('over.qcow2') }, command);
    expect(plan?.base).toEqual({ path: at('over.qcow2'), format: 'raw' });
  });
});
