import { randomUUID } from 'node:crypto';
import type { ComputeDriver } from '@virtkit/core/driver';
import type { GuestInside, Troubles } from '@virtkit/driver-testkit';
import type { DiskContent, FakeHypervisor } from '../src/index.js';
import { instanceSpec } from './instance-spec.js';

type DeviceTrouble =
  | 'volume'
  | 'refuseDetach'
  | 'writeToDisk'
  | 'contentOf'
  | 'contentAt'
  | 'emptyPath'
  | 'lookAtDevices'
  | 'missingImage'
  | 'ageImages'
  | 'share';

/** What a test can do to the disks and devices of simulated guests. */
export function deviceTroubles(hypervisorOf: (driver: ComputeDriver) => FakeHypervisor): Pick<Troubles, DeviceTrouble> {
  return {
    volume(driver) {
      const id = randomUUID();
      const path = `/srv/fake/volumes/${id}`;
      hypervisorOf(driver).storage.addVolume(path, 512);
      return { id, source: { type: 'file', path, format: 'raw' }, bus: 'virtio', device: 'disk' };
    },
    refuseDetach: (driver, uuid) => hypervisorOf(driver).setDetachManner(uuid, 'never'),
    writeToDisk: (driver, uuid, id = 'root') => hypervisorOf(driver).writeDisk(uuid, id, randomUUID()),
    contentOf(driver, uuid, id) {
      const { disks, devices } = hypervisorOf(driver).look(uuid);
      const found = id === undefined ? disks : (devices?.blockDevices ?? []);
      return wordFor(found.find((disk) => disk.id === (id ?? 'root'))?.content);
    },
    contentAt(driver, path) {
      const content = hypervisorOf(driver).storage.fileAt(path)?.content;
      return content && wordFor(content);
    },
    emptyPath: () => `/srv/fake/new/${randomUUID()}`,
    lookAtDevices(driver, uuid) {
      const { devices } = hypervisorOf(driver).look(uuid);
      const all = [
        ...(devices?.blockDevices ?? []).map(({ id, had, chain, sizeMib }) => ({
          had,
          seen: { id, ...(chain[0] !== undefined && { path: chain[0] }), ...(sizeMib !== undefined && { sizeMib }) },
        })),
        ...(devices?.interfaces ?? []).map(({ id, had }) => ({ had, seen: { id } })),
      ];
      return {
        now: all.filter(({ had }) => had.startsWith('now')).map(({ seen }) => seen),
        afterNextStart: all.filter(({ had }) => had.endsWith('next start')).map(({ seen }) => seen),
      };
    },
    missingImage(driver) {
      const image = { ...instanceSpec().image, id: randomUUID() };
      hypervisorOf(driver).storage.setImage(image.id, 'lost');
      return image;
    },
    ageImages: (driver) => hypervisorOf(driver).ageKeptImages(86_400_000),
    share: () => ({ id: randomUUID(), tag: 'shared', protocol: 'NFS', exportLocation: 'filer:/export' }),
  };
}

/** What a guest knows of its devices. */
export function devicesInside(hypervisor: FakeHypervisor, uuid: string): GuestInside {
  const { devices, shares = [] } = hypervisor.look(uuid);
  return { networkSetUp: devices?.networkSetUp ?? [], shareTags: shares.map(({ tag }) => tag) };
}

function wordFor(content: DiskContent | undefined): string {
  return JSON.stringify(content ?? 'nothing');
}
