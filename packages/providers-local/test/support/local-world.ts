import { computeLog, createCompute, type Compute } from '@virtkit/core';
import { systemClock } from '@virtkit/core/driver';
import { driverMethods, fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { LocalImages, LocalNetworks, LocalVolumes } from '@virtkit/providers-local';
import { openSqliteStore, type SqliteStore } from '@virtkit/store-sql';
import { qcow2Disk } from './disks.js';
import { chunked } from './images.js';
import { Moments } from './moments.js';
import { TemporaryDirectory } from './temporary-directory.js';

export const projectId = 'acme';
export const volumeIds = ['first', 'second'] as const;

const quiet = {
  powerSync: 0,
  guestAudit: 0,
  actionSweep: 0,
  deadHostSweep: 0,
  buildTimeout: 0,
  autoUnrescue: 0,
  reclaim: 0,
  autoConfirmResize: 0,
  shelvedOffload: 0,
  imageCache: 0,
  imageSweep: 0,
  releaseSweep: 0,
  providerAudit: 0,
  resourceAudit: 0,
} as const;

export interface LocalWorld extends AsyncDisposable {
  readonly compute: Compute;
  readonly hypervisor: FakeHypervisor;
  readonly store: SqliteStore;
  readonly images: LocalImages;
  readonly networks: LocalNetworks;
  readonly volumes: LocalVolumes;
  readonly imageId: string;
  readonly moments: Moments;
}

/** A manager on real files: SQLite and the local providers, with an image and {@link volumeIds}. Only its hypervisor is simulated, and the clock is the machine's. */
export async function localWorld(): Promise<LocalWorld> {
  const world = await openedWorld(
    await TemporaryDirectory.make(),
    new FakeHypervisor({ clock: systemClock, hypervisorHostname: 'host-1' }),
  );
  const { id: imageId } = await world.images.addImage({
    name: 'debian',
    diskFormat: 'qcow2',
    disk: { stream: chunked(qcow2Disk()) },
  });
  for (const id of volumeIds) await world.volumes.createVolume({ id, name: id, projectId, sizeMib: 1 });
  return { ...world, imageId };
}

/** The same on what a directory has already, and with the guests that a hypervisor has. Disposes of both. */
export async function openedWorld(
  directory: TemporaryDirectory,
  hypervisor: FakeHypervisor,
): Promise<Omit<LocalWorld, 'imageId'>> {
  const moments = new Moments();
  const clock = systemClock;
  const store = await openSqliteStore({ path: directory.at('records.sqlite'), logMib: 1 });
  const images = await LocalImages.open({ directory: directory.at('images'), isInUse: async () => false });
  const networks = await LocalNetworks.open({
    directory: directory.at('networks'),
    defaultNetworkId: 'outside',
    networks: [{ id: 'outside', type: 'user' }],
  });
  const volumes = await LocalVolumes.open({ directory: directory.at('volumes'), hosts: ['host-1'] });
  const compute = await createCompute({
    host: 'host-1',
    clock,
    store: moments.around(store, ['commit']),
    // Nothing happens by itself: what is left open stays open, and is seen.
    hostLife: { everyMs: quiet },
    log: computeLog({ level: 'silent' }),
    images: moments.around(images, ['getImage', 'beginImage', 'finishImage', 'deleteImage']),
    networks: moments.around(networks, ['allocate', 'attach', 'release', 'unreserve', 'releaseAll', 'interfacesOf']),
    volumes: moments.around(volumes, ['volumesOf', 'getVolume', 'reserve', 'connect', 'disconnect', 'unreserve']),
    drivers: [
      {
        ...fakeDriver,
        create: (...parts: Parameters<typeof fakeDriver.create>) =>
          moments.around(fakeDriver.create(...parts), driverMethods),
      },
    ],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  await compute.recovered();
  return {
    compute,
    hypervisor,
    store,
    images,
    networks,
    volumes,
    moments,
    [Symbol.asyncDispose]: async () => {
      await compute.close();
      hypervisor[Symbol.dispose]();
      await networks.close();
      await volumes.close();
      await store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
