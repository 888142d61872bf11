import { replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that rescue, rebuild, hide, snapshot or keep images wrongly. */
export const diskBreakers: readonly BrokenDriver[] = [
  {
    fault: 'rescue boots from its own disk',
    damage: replace('rescue', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.storage.rescued.delete(uuid);
    }),
    caughtBy: [
      'rescue leaves the guest RUNNING from the rescue image, and inspect says so',
      'rescue of a guest that is rescued already rescues it anew',
    ],
  },
  {
    fault: 'rescue does nothing for a guest that is rescued already',
    damage: replace('rescue', async ({ driver, right, request, options, uuid }) =>
      driver.host.storage.rescued.has(uuid) && driver.isOpen ? undefined : right(request, options),
    ),
    caughtBy: ['rescue of a guest that is rescued already rescues it anew'],
  },
  {
    fault: 'rescue that fails leaves the guest to boot from the rescue image',
    damage: replace('rescue', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.own(uuid) && driver.host.broken.has(uuid)) driver.host.storage.rescued.add(uuid);
      return right(request, options);
    }),
    caughtBy: ['rescue that fails leaves the guest off, with its own disk to boot from and nothing else'],
  },
  {
    fault: 'unrescue leaves the rescue disk',
    damage: replace('unrescue', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.storage.shares.set(uuid, [{ id: 'rescue', tag: '', protocol: 'NFS', exportLocation: '' }]);
    }),
    caughtBy: ['unrescue leaves the guest RUNNING from its own disk, and the rescue disk is gone'],
  },
  ...(['rescue', 'rebuild'] as const).map((name) => ({
    fault: `${name} does not miss an image that is gone`,
    damage: replace(name, ({ driver, right, request, options }) => {
      driver.host.storage.lostImages.clear();
      return right(request, options);
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
    damage: replace('rebuild', async ({ driver, right, request, options, uuid }) => {
      const content = driver.host.storage.contents.get(uuid);
      await right(request, options);
      driver.host.storage.contents.set(uuid, content ?? '');
    }),
    caughtBy: ['rebuild leaves the guest RUNNING from a fresh disk, each time'],
  },
  {
    fault: 'rebuild makes the volumes fresh too',
    damage: replace('rebuild', async ({ driver, right, request, options }) => {
      await right(request, options);
      const { storage } = driver.host;
      for (const { source } of request.instance.blockDevices) {
        storage.contents.set(source.path, storage.newWord());
      }
    }),
    caughtBy: ['rebuild leaves the other disks as they are'],
  },
  {
    fault: 'rebuild that fails leaves the vif',
    damage: replace('rebuild', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (driver.host.broken.has(uuid)) driver.host.vifs.add(uuid);
        throw failure;
      }
    }),
    caughtBy: ['rebuild that fails leaves the guest off, without vif or secret, and can be repeated'],
  },
  {
    fault: 'softDelete leaves the vif',
    damage: replace('softDelete', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.vifs.add(uuid);
    }),
    caughtBy: ['softDelete leaves the guest SHUTDOWN, also when called again'],
  },
  {
    fault: 'restore makes a fresh disk',
    damage: replace('restore', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.storage.contents.set(uuid, driver.host.storage.newWord());
    }),
    caughtBy: ['restore leaves the guest RUNNING with the disk it had, also when called again'],
  },
  {
    fault: 'snapshot gives the guest a new life',
    damage: replace('snapshot', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.boot(uuid, 'RUNNING');
    }),
    caughtBy: ["snapshot writes what is on the guest's disk to the target, and the guest goes on"],
  },
  {
    fault: 'snapshot keeps what an earlier one has left',
    damage: replace('snapshot', async ({ driver, right, request, options }) => {
      const { path } = request.target;
      const earlier = driver.host.storage.contents.get(path);
      await right(request, options);
      if (earlier !== undefined) driver.host.storage.contents.set(path, earlier);
    }),
    caughtBy: ['snapshot replaces what an earlier one has left at the target'],
  },
  {
    fault: 'snapshot that is aborted leaves half an image',
    damage: replace('snapshot', async ({ driver, right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (options?.signal?.aborted) {
          driver.host.storage.contents.set(request.target.path, 'half');
        }
        throw failure;
      }
    }),
    caughtBy: ['snapshot that is aborted leaves nothing at the target, and the guest goes on'],
  },
  {
    fault: 'snapshot tells nothing of how it goes on',
    damage: replace('snapshot', ({ right, request, options }) => {
      const { onProgress: _, ...silent } = options ?? {};
      return right(request, silent);
    }),
    caughtBy: ['snapshot tells how it goes on, in numbers that make sense'],
  },
  {
    fault: 'cacheImage always says cached',
    damage: replace('cacheImage', async ({ right, request, options }) => {
      await right(request, options);
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
    damage: replace('manageImageCache', ({ driver, right, request, options }) => {
      const { cachedImages } = driver.host.storage;
      for (const id of cachedImages.keys()) cachedImages.set(id, 'new');
      return right(request, options);
    }),
    caughtBy: ['manageImageCache removes what nobody needs and is old enough'],
  },
  {
    fault: 'manageImageCache removes what is old, even where somebody needs it',
    damage: replace('manageImageCache', ({ right, options }) => right({ imageIdsInUse: [] }, options)),
    caughtBy: ['manageImageCache keeps what somebody needs, however old it is'],
  },
  {
    fault: 'manageImageCache removes what is young',
    damage: replace('manageImageCache', ({ driver, right, request, options }) => {
      const { cachedImages } = driver.host.storage;
      for (const id of cachedImages.keys()) cachedImages.set(id, 'old');
      return right(request, options);
    }),
    caughtBy: ['manageImageCache keeps what is not old enough'],
  },
  {
    fault: 'spawn makes a fresh disk where it should reuse one',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      if (request.disks === 'reuse') {
        driver.host.storage.contents.set(uuid, driver.host.storage.newWord());
      }
    }),
    caughtBy: ['spawn that reuses the disks makes the guest around what they hold'],
    others: 'may fail too',
  },
];
