import { ComputeError } from '@virtkit/core/driver';
import { seen } from '../minimal-storage.js';
import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that give guests devices, or take them away, wrongly. */
export const deviceBreakers: readonly BrokenDriver[] = [
  {
    fault: 'attachVolume forgets the next start',
    damage: replace('attachVolume', async ({ driver, right, request, options, uuid }) => {
      const { devicesNow, devicesNext } = driver.host.storage;
      const before = devicesNext.get(uuid) ?? [];
      await right(request, options);
      if (devicesNow.has(uuid)) devicesNext.set(uuid, before);
    }),
    caughtBy: [
      'attachVolume gives the guest the device, now and after its next start',
      'attachVolume called again resolves, and the guest has the device once',
      'attachVolume of one device too many rejects with TOO_MANY_DEVICES, effect none, and the guest has it nowhere',
      'detachVolume makes the guest let go of the device, now and after its next start',
      'detachVolume that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has the device still',
    ],
  },
  {
    fault: 'attachVolume does nothing for a guest that is off',
    damage: replace('attachVolume', async ({ driver, right, request, options, uuid }) =>
      driver.isOpen && driver.host.own(uuid)?.state === 'SHUTDOWN' ? undefined : right(request, options),
    ),
    caughtBy: ['attachVolume of a guest that is off gives its next start the device'],
  },
  {
    fault: 'attachVolume called again gives the device twice',
    damage: replace('attachVolume', async ({ driver, right, request, options, uuid }) => {
      const { storage } = driver.host;
      const { device } = request;
      const again = storage.devicesNow.get(uuid)?.some(({ id }) => id === device.id);
      await right(request, options);
      if (again) storage.change(uuid, (devices) => [...devices, seen(device)]);
    }),
    caughtBy: ['attachVolume called again resolves, and the guest has the device once'],
  },
  {
    fault: 'attachVolume says of too many devices that the guest could not',
    damage: replace('attachVolume', async ({ right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        const { code } = failure as ComputeError;
        if (code !== 'TOO_MANY_DEVICES') throw failure;
        throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: uuid, operation: 'attach' });
      }
    }),
    caughtBy: [
      'attachVolume of one device too many rejects with TOO_MANY_DEVICES, effect none, and the guest has it nowhere',
    ],
  },
  {
    fault: 'detachVolume forgets the next start',
    damage: replace('detachVolume', async ({ driver, right, request, options, uuid }) => {
      const { devicesNext } = driver.host.storage;
      const before = devicesNext.get(uuid);
      await right(request, options);
      if (before !== undefined) devicesNext.set(uuid, before);
    }),
    caughtBy: ['detachVolume makes the guest let go of the device, now and after its next start'],
  },
  {
    fault: 'detachVolume of a device that is gone rejects',
    damage: replace('detachVolume', async ({ driver, right, request, options, uuid }) => {
      const { devicesNow } = driver.host.storage;
      if (devicesNow.get(uuid)?.every(({ id }) => id !== request.deviceId) && options === undefined && driver.isOpen)
        refuse();
      return right(request, options);
    }),
    caughtBy: [
      'detachVolume that names another generation rejects with INSTANCE_NOT_FOUND and touches nothing',
      'detachVolume called again resolves',
    ],
  },
  ...(['detachVolume', 'detachInterface'] as const).map((name) => ({
    fault: `${name} takes for done what the guest refuses`,
    damage: replace(name, async ({ driver, right, request, options, uuid }) =>
      driver.host.storage.clinging.has(uuid) ? undefined : right(request, options),
    ),
    caughtBy: [
      name === 'detachVolume'
        ? 'detachVolume that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has the device still'
        : 'detachInterface that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has it still',
    ],
  })),
  {
    fault: 'destroy removes the volumes too',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const { devicesNow, contents } = driver.host.storage;
      const paths = (devicesNow.get(uuid) ?? []).map(({ path }) => path ?? '');
      await right(request, options);
      for (const path of paths) contents.delete(path);
    }),
    caughtBy: ['destroy lets volumes go and does not remove them'],
  },
  {
    fault: 'getVolumeConnector names no host',
    damage: replace('getVolumeConnector', async ({ right, request, options }) => ({
      ...((await right(request, options)) as object),
      host: '',
    })),
    caughtBy: ['getVolumeConnector names the host and its address'],
  },
  {
    fault: 'swapVolume copies nothing',
    damage: replace('swapVolume', async ({ driver, right, request, options, uuid }) => {
      const { path } = request.replacement.source;
      const { contents } = driver.host.storage;
      const before = contents.get(path);
      const swapped = driver.host.storage.pathOf(uuid, request.replacement.id) === path;
      await right(request, options);
      if (!swapped) contents.set(path, before ?? '');
    }),
    caughtBy: ['swapVolume lets the guest write to the replacement only, with everything that the old one held'],
  },
  {
    fault: 'swapVolume called again copies again',
    damage: replace('swapVolume', async ({ driver, right, request, options, uuid }) => {
      const { path } = request.replacement.source;
      const { contents, pathOf } = driver.host.storage;
      const swapped = pathOf.call(driver.host.storage, uuid, request.replacement.id) === path;
      await right(request, options);
      if (swapped) contents.set(path, 'the old content');
    }),
    caughtBy: ['swapVolume called again changes nothing'],
  },
  ...(['swapVolume', 'extendVolume', 'volumeSnapshotCreate', 'volumeSnapshotDelete'] as const).map((name) => ({
    fault: `${name} takes for done what it does not find`,
    damage: replace(name, async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'DEVICE_NOT_FOUND') throw failure;
        return undefined;
      }
    }),
    caughtBy: [`${name} of a device that the guest has not rejects with DEVICE_NOT_FOUND`],
  })),
  {
    fault: 'extendVolume does not tell the guest',
    damage: replace('extendVolume', async ({ driver, right, request, options, uuid }) => {
      const { sizesMib } = driver.host.storage;
      const path = driver.host.storage.pathOf(uuid, request.deviceId) ?? '';
      const before = sizesMib.get(path);
      await right(request, options);
      if (before !== undefined) sizesMib.set(path, before);
    }),
    caughtBy: ['extendVolume lets the guest see the new size, also when called again'],
  },
  {
    fault: 'extendVolume makes disks smaller',
    damage: replace('extendVolume', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.storage.sizesMib.set(driver.host.storage.pathOf(uuid, request.deviceId) ?? '', request.sizeMib);
    }),
    caughtBy: ['extendVolume never makes a disk smaller'],
  },
  {
    fault: 'volumeSnapshotCreate makes a copy, and the guest writes where it wrote',
    damage: replace('volumeSnapshotCreate', async ({ driver, right, request, options, uuid }) => {
      const path = driver.host.storage.pathOf(uuid, request.deviceId) ?? '';
      await right(request, options);
      driver.host.storage.change(uuid, (devices) =>
        devices.map((device) => (device.id === request.deviceId ? { ...device, path } : device)),
      );
    }),
    caughtBy: [
      'volumeSnapshotCreate lets the guest write to the snapshot, and what was there is still, also when called again',
    ],
  },
  {
    fault: 'volumeSnapshotDelete forgets what was written to the snapshot',
    damage: replace('volumeSnapshotDelete', async ({ driver, right, request, options }) => {
      const { below, contents } = driver.host.storage;
      const path = below.get(request.snapshotPath) ?? '';
      const held = contents.get(path);
      await right(request, options);
      if (held !== undefined) contents.set(path, held);
    }),
    caughtBy: ['volumeSnapshotDelete merges the snapshot into what is below, also when called again'],
  },
  {
    fault: 'blockStats counts nothing',
    damage: replace('blockStats', async ({ driver, right, request, options }) => {
      driver.host.storage.writeCounts.clear();
      return right(request, options);
    }),
    caughtBy: ['blockStats counts what the guest writes'],
  },
  {
    fault: 'attachInterface forgets the next start',
    damage: replace('attachInterface', async ({ driver, right, request, options, uuid }) => {
      const { devicesNext } = driver.host.storage;
      const before = devicesNext.get(uuid);
      await right(request, options);
      if (before !== undefined) devicesNext.set(uuid, before);
    }),
    caughtBy: [
      'attachInterface gives the guest the interface, now and after its next start, also when called again',
      'detachInterface makes the guest let go of the interface, and its vif is gone, also when called again',
      'detachInterface that the guest refuses rejects with DEVICE_DETACH_REFUSED, effect none, and it has it still',
    ],
  },
  {
    fault: 'attachInterface leaves an interface whose network has failed',
    damage: replace('attachInterface', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code === 'VIF_PLUG_FAILED') {
          driver.host.storage.change(uuid, (devices) => [...devices, { id: request.networkInterface.id }]);
        }
        throw failure;
      }
    }),
    caughtBy: ['attachInterface whose network fails rejects with VIF_PLUG_FAILED, and the guest has it nowhere'],
  },
  {
    fault: 'detachInterface does nothing',
    damage: replace('detachInterface', async ({ driver, right, request, options, uuid }) => {
      const { storage } = driver.host;
      const before = storage.devicesNow.get(uuid);
      await right(request, options);
      if (before !== undefined) storage.devicesNow.set(uuid, before);
    }),
    caughtBy: ['detachInterface makes the guest let go of the interface, and its vif is gone, also when called again'],
  },
  {
    fault: 'plugVifs makes nothing',
    damage: replace('plugVifs', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.vifs.delete(uuid);
    }),
    caughtBy: ["plugVifs makes the host's end of every interface, also when called again"],
  },
  {
    fault: 'unplugVifs leaves a vif',
    damage: replace('unplugVifs', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.vifs.add(uuid);
    }),
    caughtBy: ["unplugVifs removes the host's ends, also when called again"],
  },
  {
    fault: 'injectNetworkInfo tells the guest nothing',
    damage: replace('injectNetworkInfo', ({ right, request, options }) =>
      right({ instance: { ...request.instance, networkInterfaces: [] } }, options),
    ),
    caughtBy: ['injectNetworkInfo tells the guest of the interfaces in its spec'],
  },
  {
    fault: 'mountShare called again mounts again',
    damage: replace('mountShare', async ({ driver, right, request, options, uuid }) => {
      const { shares } = driver.host.storage;
      const before = shares.get(uuid) ?? [];
      await right(request, options);
      shares.set(uuid, [...before, request.share]);
    }),
    caughtBy: ['mountShare lets the guest find the share under its tag, also when called again'],
  },
  {
    fault: 'umountShare leaves the share',
    damage: replace('umountShare', async ({ driver, right, request, options, uuid }) => {
      const { shares } = driver.host.storage;
      const before = shares.get(uuid);
      await right(request, options);
      if (before !== undefined) shares.set(uuid, before);
    }),
    caughtBy: ['umountShare takes the share away, also when called again'],
  },
  {
    fault: 'destroy leaves the shares',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const { shares } = driver.host.storage;
      const before = shares.get(uuid);
      await right(request, options);
      if (before !== undefined) shares.set(uuid, before);
    }),
    caughtBy: ['destroy takes the shares of the guest away'],
  },
];
