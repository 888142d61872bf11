import type { InstanceSpec, SnapshotTarget } from '@virtkit/core/driver';
import { optionsIn, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that rescue, rebuild, hide, snapshot or keep images wrongly. */
export const diskBreakers: readonly BrokenDriver[] = [
  {
    fault: 'rescue boots from its own disk',
    damage: replace('rescue', async ({ driver, right, args, uuid }) => {
      await right(...args);
      driver.host.storage.rescued.delete(uuid);
    }),
    caughtBy: [
      'rescue leaves the guest RUNNING from the rescue image, and inspect says so',
      'rescue of a guest that is rescued already rescues it anew',
    ],
  },
  {
    fault: 'rescue does nothing for a guest that is rescued already',
    damage: replace('rescue', async ({ driver, right, args, uuid }) =>
      driver.host.storage.rescued.has(uuid) && driver.isOpen ? undefined : right(...args),
    ),
    caughtBy: ['rescue of a guest that is rescued already rescues it anew'],
  },
  {
    fault: 'rescue that fails leaves the guest to boot from the rescue image',
    damage: replace('rescue', async ({ driver, right, args, uuid }) => {
      if (driver.host.own(uuid) && driver.host.broken.has(uuid)) driver.host.storage.rescued.add(uuid);
      return right(...args);
    }),
    caughtBy: ['rescue that fails leaves the guest off, with its own disk to boot from and nothing else'],
  },
  {
    fault: 'unrescue leaves the rescue disk',
    damage: replace('unrescue', async ({ driver, right, args, uuid }) => {
      await right(...args);
      driver.host.storage.shares.set(uuid, [{ id: 'rescue', tag: '', protocol: 'NFS', exportLocation: '' }]);
    }),
    caughtBy: ['unrescue leaves the guest RUNNING from its own disk, and the rescue disk is gone'],
  },
  ...(['rescue', 'rebuild'] as const).map((name) => ({
    fault: `${name} does not miss an image that is gone`,
    damage: replace(name, ({ driver, right, args }) => {
      driver.host.storage.lostImages.clear();
      return right(...args);
    }),
    caughtBy:
      name === 'rescue'
        ? ['rescue with an image that is gone rejects with IMAGE_NOT_FOUND']
        : [
            'inspect tells of the old image while a rebuild was refused before anything has changed',
            'rebuild from an image that is gone rejects with IMAGE_NOT_FOUND',
          ],
  })),
  {
    fault: 'rebuild keeps the disk',
    damage: replace('rebuild', async ({ driver, right, args, uuid }) => {
      const content = driver.host.storage.contents.get(uuid);
      await right(...args);
      driver.host.storage.contents.set(uuid, content ?? '');
    }),
    caughtBy: ['rebuild leaves the guest RUNNING from a fresh disk, each time'],
  },
  {
    fault: 'rebuild makes the volumes fresh too',
    damage: replace('rebuild', async ({ driver, right, args }) => {
      await right(...args);
      const { storage } = driver.host;
      for (const { source } of (args[0] as InstanceSpec).blockDevices) {
        storage.contents.set(source.path, storage.newWord());
      }
    }),
    caughtBy: ['rebuild leaves the other disks as they are'],
  },
  {
    fault: 'rebuild that fails leaves the vif',
    damage: replace('rebuild', async ({ driver, right, args, uuid }) => {
      try {
        return await right(...args);
      } catch (failure) {
        if (driver.host.broken.has(uuid)) driver.host.vifs.add(uuid);
        throw failure;
      }
    }),
    caughtBy: ['rebuild that fails leaves the guest off, without vif or secret, and can be repeated'],
  },
  {
    fault: 'softDelete leaves the vif',
    damage: replace('softDelete', async ({ driver, right, args, uuid }) => {
      await right(...args);
      driver.host.vifs.add(uuid);
    }),
    caughtBy: ['softDelete leaves the guest SHUTDOWN, also when called again'],
  },
  {
    fault: 'restore makes a fresh disk',
    damage: replace('restore', async ({ driver, right, args, uuid }) => {
      await right(...args);
      driver.host.storage.contents.set(uuid, driver.host.storage.newWord());
    }),
    caughtBy: ['restore leaves the guest RUNNING with the disk it had, also when called again'],
  },
  {
    fault: 'snapshot gives the guest a new life',
    damage: replace('snapshot', async ({ driver, right, args, uuid }) => {
      await right(...args);
      driver.host.boot(uuid, 'RUNNING');
    }),
    caughtBy: ["snapshot writes what is on the guest's disk to the target, and the guest goes on"],
  },
  {
    fault: 'snapshot keeps what an earlier one has left',
    damage: replace('snapshot', async ({ driver, right, args }) => {
      const { path } = args[1] as SnapshotTarget;
      const earlier = driver.host.storage.contents.get(path);
      await right(...args);
      if (earlier !== undefined) driver.host.storage.contents.set(path, earlier);
    }),
    caughtBy: ['snapshot replaces what an earlier one has left at the target'],
  },
  {
    fault: 'snapshot that is aborted leaves half an image',
    damage: replace('snapshot', async ({ driver, right, args }) => {
      try {
        return await right(...args);
      } catch (failure) {
        if (optionsIn(args, 2).signal?.aborted) {
          driver.host.storage.contents.set((args[1] as SnapshotTarget).path, 'half');
        }
        throw failure;
      }
    }),
    caughtBy: ['snapshot that is aborted leaves nothing at the target, and the guest goes on'],
  },
  {
    fault: 'snapshot tells nothing of how it goes on',
    damage: replace('snapshot', ({ right, args }) => {
      const { onProgress: _, ...options } = optionsIn(args, 2);
      return right(args[0], args[1], options);
    }),
    caughtBy: ['snapshot tells how it goes on, in numbers that make sense'],
  },
  {
    fault: 'cacheImage always says cached',
    damage: replace('cacheImage', async ({ right, args }) => {
      await right(...args);
      return 'cached';
    }),
    caughtBy: [
      'cacheImage says that an image is cached, and of one that is there that it exists',
      'manageImageCache keeps what somebody needs, however old it is',
      'manageImageCache keeps what is not old enough',
    ],
  },
  {
    fault: 'manageImageCache removes nothing',
    damage: replace('manageImageCache', ({ driver, right, args }) => {
      const { cachedImages } = driver.host.storage;
      for (const id of cachedImages.keys()) cachedImages.set(id, 'new');
      return right(...args);
    }),
    caughtBy: ['manageImageCache removes what nobody needs and is old enough'],
  },
  {
    fault: 'manageImageCache removes what is old, even where somebody needs it',
    damage: replace('manageImageCache', ({ right, args }) => right([], args[1])),
    caughtBy: ['manageImageCache keeps what somebody needs, however old it is'],
  },
  {
    fault: 'manageImageCache removes what is young',
    damage: replace('manageImageCache', ({ driver, right, args }) => {
      const { cachedImages } = driver.host.storage;
      for (const id of cachedImages.keys()) cachedImages.set(id, 'old');
      return right(...args);
    }),
    caughtBy: ['manageImageCache keeps what is not old enough'],
  },
  {
    fault: 'spawn makes a fresh disk where it should reuse one',
    damage: replace('spawn', async ({ driver, right, args, uuid }) => {
      await right(...args);
      if (optionsIn(args)['disks'] === 'reuse') {
        driver.host.storage.contents.set(uuid, driver.host.storage.newWord());
      }
    }),
    caughtBy: ['spawn that reuses the disks makes the guest around what they hold'],
    others: 'may fail too',
  },
];
