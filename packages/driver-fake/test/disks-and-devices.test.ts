import { describe, expect, it } from 'vitest';
import type { BlockDevice, InstanceSpec } from '@virtkit/core/driver';
import type { FakeDriver } from '../src/index.js';
import { fakeBench, newDriver } from './fake-bench.js';
import { instanceSpec } from './instance-spec.js';

const volume: BlockDevice = {
  id: 'volume-1',
  source: { type: 'host-device', path: '/dev/volume-1' },
  bus: 'virtio',
  device: 'disk',
};

async function spawned(driver: FakeDriver, overrides: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
  const instance = instanceSpec(overrides);
  await driver.spawn({ instance });
  return instance;
}

describe('a simulated disk', () => {
  it('is as of one moment in a snapshot, whatever the guest writes meanwhile', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const { uuid } = await spawned(driver);
    hypervisor.writeDisk(uuid, 'root', 'before');
    hypervisor.faults.add({ at: 'copyCapture', fault: { type: 'delay', delayMs: 1_000 } });
    const target = { imageId: 'image-9', path: '/images/9', format: 'raw' } as const;
    const snapshotting = driver.snapshot({ instance: { uuid }, target });
    await clock.advance(500);
    hypervisor.writeDisk(uuid, 'root', 'meanwhile');
    await clock.advance(500);
    await snapshotting;
    expect(hypervisor.storage.fileAt(target.path)?.content.written).toEqual(['before']);
    expect(hypervisor.look(uuid).disks[0]?.content.written).toEqual(['before', 'meanwhile']);
  });

  it('comes from the rescue image in a rescue, and is the old one after it, for another driver too', async () => {
    const { driver, hypervisor, clock } = await fakeBench();
    const instance = await spawned(driver);
    hypervisor.writeDisk(instance.uuid, 'root', 'mine');
    await driver.powerOff({ instance });
    await driver.rescue({ instance, image: { ...instance.image, id: 'rescue-image-1' } });
    expect(hypervisor.look(instance.uuid)).toMatchObject({
      guest: { state: 'running', bootsFrom: 'rescue-image' },
      disks: [
        { id: 'root', content: { written: ['mine'] } },
        { id: 'rescue', content: { origin: 'rescue-image-1', written: [] } },
      ],
    });
    const { driver: next } = await newDriver(hypervisor, clock);
    await next.unrescue({ instance });
    const { guest, disks } = hypervisor.look(instance.uuid);
    expect([guest?.bootsFrom, disks.map(({ id }) => id), disks[0]?.content.written]).toEqual([
      'own-disk',
      ['root'],
      ['mine'],
    ]);
  });

  it('is rescued no more after a HARD reboot, which starts from the spec', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = await spawned(driver);
    await driver.rescue({ instance, image: instance.image });
    await driver.reboot({ instance, type: 'HARD' });
    expect(hypervisor.look(instance.uuid)).toMatchObject({
      guest: { state: 'running', bootsFrom: 'own-disk' },
      disks: [{ id: 'root' }],
    });
  });

  it('cannot be made of an image that is lost or damaged', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = instanceSpec();
    hypervisor.storage.setImage(instance.image.id, 'lost');
    await expect(driver.spawn({ instance })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND', effect: 'none' });
    hypervisor.storage.setImage(instance.image.id, 'damaged');
    await expect(driver.spawn({ instance })).rejects.toMatchObject({ code: 'IMAGE_UNACCEPTABLE', effect: 'none' });
    hypervisor.storage.setImage(instance.image.id, 'whole');
    await driver.spawn({ instance });
  });
});

describe('a simulated volume', () => {
  it('is let go when the guest lets go, and not before', async () => {
    const { driver, hypervisor, clock } = await fakeBench({ detachTimeoutMs: 5_000 });
    const instance = await spawned(driver);
    await driver.attachVolume({ instance, device: volume });
    hypervisor.setDetachManner(instance.uuid, 2_000);
    let settled = false;
    const detaching = driver.detachVolume({ instance, deviceId: volume.id }).finally(() => (settled = true));
    await clock.advance(1_500);
    expect(settled).toBe(false);
    await clock.advance(500);
    await detaching;
    expect(hypervisor.look(instance.uuid).devices?.blockDevices).toEqual([]);
  });

  it('that is lost keeps its guest from starting', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = await spawned(driver, { blockDevices: [volume] });
    hypervisor.storage.loseVolume(volume.source.path);
    await expect(driver.reboot({ instance, type: 'HARD' })).rejects.toMatchObject({
      code: 'GUEST_START_FAILED',
      details: { reason: 'disk' },
    });
  });

  it('keeps what snapshots hold, in whichever order they are merged', async () => {
    const { driver, hypervisor } = await fakeBench();
    const instance = await spawned(driver, { blockDevices: [volume] });
    for (const nth of [1, 2]) {
      await driver.volumeSnapshotCreate({ instance, deviceId: volume.id, snapshotPath: `/snapshots/${nth}` });
      hypervisor.writeDisk(instance.uuid, volume.id, `after ${nth}`);
    }
    await driver.volumeSnapshotDelete({ instance, deviceId: volume.id, snapshotPath: '/snapshots/1' });
    const look = () => hypervisor.look(instance.uuid).devices?.blockDevices[0];
    expect(look()?.chain).toEqual(['/snapshots/2', volume.source.path]);
    expect(hypervisor.storage.fileAt(volume.source.path)?.content.written).toEqual(['after 1']);
    await driver.volumeSnapshotDelete({ instance, deviceId: volume.id, snapshotPath: '/snapshots/2' });
    expect(look()).toMatchObject({ chain: [volume.source.path], content: { written: ['after 1', 'after 2'] } });
  });
});
