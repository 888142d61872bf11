import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moduleLoadOrder } from '../src/guest/module-load-order.js';

describe('moduleLoadOrder', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'modules-'));
    await mkdir(join(directory, 'kernel'));
    await writeFile(join(directory, 'modules.builtin'), 'kernel/fs/ext4.ko\n');
    await addModule('virtio-ring', '');
    await addModule('virtio', 'virtio_ring');
    await addModule('virtio_net', 'virtio,virtio_ring,ext4');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function addModule(name: string, needed: string): Promise<void> {
    await writeFile(join(directory, 'kernel', `${name}.ko`), `\x7fELF\0license=GPL\0depends=${needed}\0name=${name}\0`);
  }
  async function orderOf(...names: string[]): Promise<readonly string[]> {
    return (await moduleLoadOrder(directory, names)).map(({ name }) => name);
  }

  it('puts what a module needs before it, once, whichever way its file spells the name', async () => {
    expect(await orderOf('virtio_net', 'virtio')).toEqual(['virtio_ring', 'virtio', 'virtio_net']);
  });

  it('leaves out what is built into the kernel', async () => {
    expect(await orderOf('ext4')).toEqual([]);
  });

  it('names a module the kernel does not have', async () => {
    await expect(orderOf('floppy')).rejects.toThrow(/no module floppy/);
  });
});
