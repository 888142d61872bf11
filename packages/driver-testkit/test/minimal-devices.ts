import {
  ComputeError,
  type CallOptions,
  type DriverWith,
  type Image,
  type ComputeDriver,
  type NetworkInterface,
} from '@virtkit/core/driver';
import type { MinimalDriver } from './minimal-driver.js';
import { seen } from './minimal-storage.js';

export const minimalDeviceCapabilities = {
  rescue: true,
  rebuild: true,
  softDelete: true,
  snapshot: true,
  imageCache: true,
  volumes: true,
  swapVolume: true,
  extendVolume: true,
  volumeSnapshots: true,
  blockStats: true,
  interfaces: true,
  vifs: true,
  injectNetwork: true,
  shares: true,
} as const;

type DeviceMethods = Omit<DriverWith<keyof typeof minimalDeviceCapabilities>, keyof ComputeDriver>;

const DEVICE_COUNT_MAX = 4;
const VOLUME_MIB = 512;

/** What the minimal driver does with disks and devices. */
export function minimalDevices(driver: MinimalDriver): DeviceMethods {
  const { host } = driver;
  const { storage } = host;

  const present = (uuid: string, { signal }: CallOptions = {}): void => {
    driver.begin({ signal });
    driver.present(uuid);
  };
  const mustBeThere = ({ id }: Image): void => {
    if (storage.lostImages.has(id)) throw new ComputeError('IMAGE_NOT_FOUND', { imageId: id });
  };
  const pathOf = (uuid: string, device: string): string => {
    const path = storage.pathOf(uuid, device);
    if (path === undefined) throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device });
    return path;
  };
  const devicesOf = (uuid: string) => storage.devicesNext.get(uuid) ?? [];
  const add = (uuid: string, device: ReturnType<typeof seen>): void => {
    if (devicesOf(uuid).some(({ id }) => id === device.id)) return;
    storage.change(uuid, (devices) => [...devices, device]);
  };
  const remove = (uuid: string, device: string): void => {
    if (!devicesOf(uuid).some(({ id }) => id === device)) return;
    if (storage.clinging.has(uuid)) throw new ComputeError('DEVICE_DETACH_REFUSED', { instanceUuid: uuid, device });
    storage.change(uuid, (devices) => devices.filter(({ id }) => id !== device));
  };
  const mustBePlugged = async (uuid: string, { id, status }: NetworkInterface): Promise<void> => {
    if (status === 'active') return;
    using expected = driver.environment.externalEvents.expect(uuid, [{ name: 'network-vif-plugged', tag: id }]);
    const events = await expected.arrive(60_000);
    const plugged = events !== 'timeout' && events.every((event) => event.status === 'completed');
    if (!plugged) throw new ComputeError('VIF_PLUG_FAILED', { instanceUuid: uuid });
  };

  return {
    async rescue({ instance, image }, options) {
      present(instance.uuid, options);
      mustBeThere(image);
      driver.stop(instance.uuid);
      await driver.start(instance);
      storage.rescued.add(instance.uuid);
    },
    async unrescue({ instance }, options) {
      present(instance.uuid, options);
      driver.stop(instance.uuid);
      storage.rescued.delete(instance.uuid);
      await driver.start(instance);
    },
    async rebuild({ instance }, options) {
      present(instance.uuid, options);
      mustBeThere(instance.image);
      driver.stop(instance.uuid);
      storage.contents.set(instance.uuid, storage.newWord());
      storage.images.set(instance.uuid, instance.image.id);
      await driver.start(instance);
    },
    async softDelete({ instance: { uuid } }, options) {
      present(uuid, options);
      driver.stop(uuid);
    },
    async restore({ instance }, options) {
      present(instance.uuid, options);
      if (host.own(instance.uuid)?.state !== 'RUNNING') await driver.start(instance);
    },
    async snapshot({ instance: { uuid }, target: { path } }, options = {}) {
      present(uuid, options);
      storage.captures.add(uuid);
      try {
        options.onProgress?.({ phase: 'image_uploading', doneMib: 0, totalMib: 1 });
        driver.begin({ signal: options.signal });
        storage.contents.set(path, storage.contents.get(uuid) ?? '');
      } finally {
        if (driver.isOpen) storage.captures.delete(uuid);
      }
    },
    async cacheImage({ image: { id } }, options) {
      driver.begin({ signal: options?.signal });
      if (storage.cachedImages.has(id)) return 'existing';
      storage.cachedImages.set(id, 'new');
      return 'cached';
    },
    async manageImageCache({ imageIdsInUse }, options) {
      driver.begin({ signal: options?.signal });
      for (const [id, age] of storage.cachedImages) {
        if (age === 'old' && !imageIdsInUse.includes(id)) storage.cachedImages.delete(id);
      }
    },
    async attachVolume({ instance: { uuid }, device }, options) {
      present(uuid, options);
      const { length } = devicesOf(uuid);
      if (length >= DEVICE_COUNT_MAX) {
        throw new ComputeError('TOO_MANY_DEVICES', { instanceUuid: uuid, deviceCountMax: DEVICE_COUNT_MAX });
      }
      add(uuid, seen(device));
    },
    async detachVolume({ instance: { uuid }, deviceId }, options) {
      present(uuid, options);
      remove(uuid, deviceId);
    },
    async getVolumeConnector(_request, options) {
      driver.begin({ signal: options?.signal });
      return { host: 'minimal-host-9', address: '192.0.2.9' };
    },
    async swapVolume({ instance: { uuid }, deviceId, replacement }, options) {
      present(uuid, options);
      if (storage.pathOf(uuid, replacement.id) === replacement.source.path) return;
      storage.contents.set(replacement.source.path, storage.contents.get(pathOf(uuid, deviceId)) ?? '');
      storage.change(uuid, (devices) => devices.map((device) => (device.id === deviceId ? seen(replacement) : device)));
    },
    async extendVolume({ instance: { uuid }, deviceId, sizeMib }, options) {
      present(uuid, options);
      const path = pathOf(uuid, deviceId);
      storage.sizesMib.set(path, Math.max(sizeMib, storage.sizesMib.get(path) ?? VOLUME_MIB));
    },
    async volumeSnapshotCreate({ instance: { uuid }, deviceId, snapshotPath }, options) {
      present(uuid, options);
      const below = pathOf(uuid, deviceId);
      if (below === snapshotPath) return;
      storage.contents.set(snapshotPath, storage.contents.get(below) ?? '');
      storage.below.set(snapshotPath, below);
      storage.change(uuid, (devices) =>
        devices.map((device) => (device.id === deviceId ? { ...device, path: snapshotPath } : device)),
      );
    },
    async volumeSnapshotDelete({ instance: { uuid }, deviceId, snapshotPath }, options) {
      present(uuid, options);
      const below = storage.below.get(snapshotPath);
      if (pathOf(uuid, deviceId) !== snapshotPath || below === undefined) return;
      storage.contents.set(below, storage.contents.get(snapshotPath) ?? '');
      storage.change(uuid, (devices) =>
        devices.map((device) => (device.id === deviceId ? { ...device, path: below } : device)),
      );
    },
    async blockStats({ instance: { uuid }, deviceId }, options) {
      present(uuid, options);
      const writeRequests = storage.writeCounts.get(deviceId) ?? 0n;
      return { readRequests: 0n, readBytes: 0n, writeRequests, writeBytes: writeRequests * 512n, errors: 0n };
    },
    async attachInterface({ instance: { uuid }, networkInterface }, options) {
      present(uuid, options);
      await mustBePlugged(uuid, networkInterface);
      add(uuid, seen(networkInterface));
    },
    async detachInterface({ instance: { uuid }, interfaceId }, options) {
      present(uuid, options);
      remove(uuid, interfaceId);
    },
    async plugVifs({ instance: { uuid } }, options) {
      present(uuid, options);
      host.vifs.add(uuid);
    },
    async unplugVifs({ instance: { uuid } }, options) {
      present(uuid, options);
      host.vifs.delete(uuid);
    },
    async injectNetworkInfo({ instance: { uuid, networkInterfaces } }, options) {
      present(uuid, options);
      storage.networkSetUps.set(
        uuid,
        networkInterfaces.map(({ id }) => id),
      );
    },
    async mountShare({ instance: { uuid }, share }, options) {
      present(uuid, options);
      const others = (storage.shares.get(uuid) ?? []).filter(({ id }) => id !== share.id);
      storage.shares.set(uuid, [...others, share]);
    },
    async umountShare({ instance: { uuid }, share }, options) {
      present(uuid, options);
      const others = (storage.shares.get(uuid) ?? []).filter(({ id }) => id !== share.id);
      if (others.length === 0) storage.shares.delete(uuid);
      else storage.shares.set(uuid, others);
    },
  };
}
