import type { BlockDevice, NetworkInterface, Share, SnapshotTarget } from '@virtkit/core/driver';
import { expect } from 'vitest';
import type { Scenario } from './scenarios.js';

const volumeAt = (path: string): BlockDevice => ({
  id: path,
  source: { type: 'file', path, format: 'raw' },
  bus: 'virtio',
  device: 'disk',
});
const [old, replacement] = [volumeAt('/volumes/old'), volumeAt('/volumes/new')];
const added: NetworkInterface = { id: 'port-2', type: 'user', macAddress: 'fa:16:3e:00:00:02', status: 'active' };
const target: SnapshotTarget = { imageId: 'image-9', path: '/images/9', format: 'raw' };
const share: Share = { id: 'share-1', tag: 'data', protocol: 'NFS', exportLocation: 'filer:/data' };
const snapshotPath = '/volumes/old.snapshot';

const spawn: Scenario['prepare'] = (driver, instance) => driver.spawn({ instance });
const spawnOff: Scenario['prepare'] = (driver, instance) => driver.spawn({ instance, start: 'leave-off' });
const spawnWithVolume: Scenario['prepare'] = async (driver, instance) => {
  await driver.spawn({ instance });
  await driver.attachVolume({ instance, device: old });
};
const signalIn = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** Calls about disks and devices, and what a failure at any step of them must leave. */
export const deviceScenarios: readonly Scenario[] = [
  {
    name: 'rescue',
    prepare: spawnOff,
    call: (driver, instance, signal) => driver.rescue({ instance, image: instance.image }, signalIn(signal)),
    afterFailure({ guest, disks, vifs }) {
      expect([guest?.state, guest?.bootsFrom, disks.length, vifs.length]).toEqual(['shut-off', 'own-disk', 1, 0]);
    },
  },
  {
    name: 'unrescue',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance, start: 'leave-off' });
      await driver.rescue({ instance, image: instance.image });
    },
    call: (driver, instance, signal) => driver.unrescue({ instance }, signalIn(signal)),
  },
  {
    name: 'rebuild',
    prepare: spawn,
    call: (driver, instance, signal) => driver.rebuild({ instance }, signalIn(signal)),
  },
  {
    name: 'softDelete',
    prepare: spawn,
    call: (driver, instance, signal) => driver.softDelete({ instance }, signalIn(signal)),
  },
  {
    name: 'restore',
    prepare: spawnOff,
    call: (driver, instance, signal) => driver.restore({ instance }, signalIn(signal)),
    afterFailure: ({ guest, vifs }) => expect([guest?.state, vifs.length]).toEqual(['shut-off', 0]),
  },
  {
    name: 'snapshot',
    prepare: spawn,
    call: (driver, instance, signal) => driver.snapshot({ instance, target }, signalIn(signal)),
    afterFailure({ guest, capture }, hypervisor) {
      expect([guest?.state, capture, hypervisor.storage.fileAt(target.path)]).toEqual([
        'running',
        undefined,
        undefined,
      ]);
    },
  },
  {
    name: 'attachVolume',
    prepare: spawn,
    call: (driver, instance, signal) => driver.attachVolume({ instance, device: old }, signalIn(signal)),
    afterFailure: ({ devices }) => expect(devices?.blockDevices).toEqual([]),
  },
  {
    name: 'detachVolume',
    prepare: spawnWithVolume,
    call: (driver, instance, signal) => driver.detachVolume({ instance, deviceId: old.id }, signalIn(signal)),
    afterFailure({ devices }) {
      expect(devices?.blockDevices).toMatchObject([{ id: old.id, had: 'now and after the next start' }]);
    },
  },
  {
    name: 'swapVolume',
    prepare: spawnWithVolume,
    call: (driver, instance, signal) =>
      driver.swapVolume({ instance, deviceId: old.id, replacement }, signalIn(signal)),
    afterFailure({ devices }) {
      expect(devices?.blockDevices).toMatchObject([{ id: old.id, had: 'now and after the next start' }]);
    },
  },
  {
    name: 'extendVolume',
    prepare: spawnWithVolume,
    call: (driver, instance, signal) =>
      driver.extendVolume({ instance, deviceId: old.id, sizeMib: 4_096 }, signalIn(signal)),
  },
  {
    name: 'volumeSnapshotCreate',
    prepare: spawnWithVolume,
    call: (driver, instance, signal) =>
      driver.volumeSnapshotCreate({ instance, deviceId: old.id, snapshotPath }, signalIn(signal)),
    afterFailure: ({ devices }) => expect(devices?.blockDevices).toMatchObject([{ chain: [old.source.path] }]),
  },
  {
    name: 'volumeSnapshotDelete',
    prepare: async (driver, instance) => {
      await spawnWithVolume(driver, instance);
      await driver.volumeSnapshotCreate({ instance, deviceId: old.id, snapshotPath });
    },
    call: (driver, instance, signal) =>
      driver.volumeSnapshotDelete({ instance, deviceId: old.id, snapshotPath }, signalIn(signal)),
  },
  {
    name: 'attachInterface',
    prepare: spawn,
    call: (driver, instance, signal) => driver.attachInterface({ instance, networkInterface: added }, signalIn(signal)),
    afterFailure: ({ devices, vifs }) => expect([devices?.interfaces.length, vifs.length]).toEqual([1, 1]),
  },
  {
    name: 'detachInterface',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.attachInterface({ instance, networkInterface: added });
    },
    call: (driver, instance, signal) => driver.detachInterface({ instance, interfaceId: added.id }, signalIn(signal)),
    afterFailure: ({ devices, vifs }) => expect([devices?.interfaces.length, vifs.length]).toEqual([2, 2]),
  },
  {
    name: 'plugVifs',
    prepare: spawnOff,
    call: (driver, instance, signal) => driver.plugVifs({ instance }, signalIn(signal)),
    afterFailure: ({ vifs }) => expect(vifs).toEqual([]),
  },
  {
    name: 'injectNetworkInfo',
    prepare: spawn,
    call: (driver, instance, signal) => driver.injectNetworkInfo({ instance }, signalIn(signal)),
  },
  {
    name: 'mountShare',
    prepare: spawn,
    call: (driver, instance, signal) => driver.mountShare({ instance, share }, signalIn(signal)),
    afterFailure: ({ shares }) => expect(shares).toBeUndefined(),
  },
  {
    name: 'umountShare',
    prepare: async (driver, instance) => {
      await driver.spawn({ instance });
      await driver.mountShare({ instance, share });
    },
    call: (driver, instance, signal) => driver.umountShare({ instance, share }, signalIn(signal)),
  },
];
