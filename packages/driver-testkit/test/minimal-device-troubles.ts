import { randomUUID } from 'node:crypto';
import type { ComputeDriver } from '@virtkit/core/driver';
import type { DriverUnderTest, GuestInside, SeenDevice } from '../src/index.js';
import type { MinimalHost } from './minimal-host.js';

/** The troubles about disks and devices, on a minimal host. */
export function minimalDeviceTroubles(hostOf: (driver: ComputeDriver) => MinimalHost) {
  return {
    volume(driver) {
      const { storage } = hostOf(driver);
      const id = randomUUID();
      const path = `/var/minimal/volumes/${id}`;
      storage.contents.set(path, storage.newWord());
      storage.sizesMib.set(path, 512);
      return { id, source: { type: 'file', path, format: 'raw' }, bus: 'virtio', device: 'disk' };
    },
    refuseDetach: (driver, uuid) => void hostOf(driver).storage.clinging.add(uuid),
    writeToDisk: (driver, uuid, deviceId) => hostOf(driver).storage.write(uuid, deviceId),
    contentOf(driver, uuid, deviceId) {
      const { storage } = hostOf(driver);
      const key = deviceId === undefined ? uuid : storage.pathOf(uuid, deviceId);
      return storage.contents.get(key ?? '') ?? 'nothing';
    },
    contentAt: (driver, path) => hostOf(driver).storage.contents.get(path),
    emptyPath: () => `/var/minimal/new/${randomUUID()}`,
    lookAtDevices(driver, uuid) {
      const { storage } = hostOf(driver);
      const sized = (device: SeenDevice): SeenDevice => {
        const sizeMib = storage.sizesMib.get(device.path ?? '');
        return sizeMib === undefined ? device : { ...device, sizeMib };
      };
      return {
        now: (storage.devicesNow.get(uuid) ?? []).map(sized),
        afterNextStart: (storage.devicesNext.get(uuid) ?? []).map(sized),
      };
    },
    missingImage(driver) {
      const id = randomUUID();
      hostOf(driver).storage.lostImages.add(id);
      const location = { disk: `/var/minimal/images/${id}` };
      return { id, name: 'gone', diskFormat: 'raw', minDiskGib: 0, minMemoryMib: 0, location, properties: {} };
    },
    ageImages(driver) {
      const { cachedImages } = hostOf(driver).storage;
      for (const id of cachedImages.keys()) cachedImages.set(id, 'old');
    },
    share: () => ({ id: randomUUID(), tag: 'shared', protocol: 'NFS', exportLocation: 'filer:/export' }),
  } satisfies DriverUnderTest['troubles'];
}

/** What a guest knows of its devices. */
export function minimalDevicesInside({ storage }: MinimalHost, uuid: string): GuestInside {
  return {
    networkSetUp: storage.networkSetUps.get(uuid) ?? [],
    shareTags: (storage.shares.get(uuid) ?? []).map(({ tag }) => tag),
  };
}
