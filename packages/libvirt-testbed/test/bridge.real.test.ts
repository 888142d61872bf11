import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createBridge, deleteBridge } from '@virtkit/libvirt-testbed';

const name = `vkt${process.pid}`.slice(0, 15);
const devices = (): Promise<string[]> => readdir('/sys/class/net');

describe('a bridge', () => {
  it('is there until it is disposed of', async () => {
    {
      await using bridge = await createBridge(name);
      expect(await devices()).toContain(bridge.name);
    }
    expect(await devices()).not.toContain(name);
  });

  it('is not created where a device of its name exists, and that device stays', async () => {
    await using bridge = await createBridge(name);
    await expect(createBridge(name)).rejects.toThrow(/there already/);
    expect(await devices()).toContain(bridge.name);
  });

  it('may be deleted twice', async () => {
    await createBridge(name);
    await deleteBridge(name);
    await deleteBridge(name);
    expect(await devices()).not.toContain(name);
  });

  it('is the only kind of device that is deleted', async () => {
    await expect(deleteBridge('lo')).rejects.toThrow(/not a bridge/);
    expect(await devices()).toContain('lo');
  });

  it.each(['', 'a'.repeat(16), 'a b', '../lo'])('cannot be named %j', async (wrong) => {
    await expect(createBridge(wrong)).rejects.toThrow(RangeError);
  });
});
