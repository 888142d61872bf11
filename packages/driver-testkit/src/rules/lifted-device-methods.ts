import type { BlockDevice, NetworkInterface, Share, SnapshotTarget } from '@virtkit/core/driver';
import { lifted, type LiftedMethod } from './lifted-method.js';

// Whoever gets as far as these has broken the law that is proven.
const volume: BlockDevice = {
  id: '00000000-0000-4000-8000-0000000000d1',
  source: { type: 'file', path: '/nowhere/volume', format: 'raw' },
  bus: 'virtio',
  device: 'disk',
};
const networkInterface: NetworkInterface = {
  id: '00000000-0000-4000-8000-0000000000d2',
  type: 'user',
  macAddress: 'fa:16:3e:00:00:d2',
  status: 'active',
};
const target: SnapshotTarget = {
  imageId: '00000000-0000-4000-8000-0000000000d3',
  path: '/nowhere/image',
  format: 'raw',
};
const share: Share = {
  id: '00000000-0000-4000-8000-0000000000d4',
  tag: 'nowhere',
  protocol: 'NFS',
  exportLocation: 'nowhere:/share',
};

/** Methods about a guest's disks and devices. */
export const liftedDeviceMethods: readonly LiftedMethod[] = [
  lifted('rescue', 'rescue', 'refuses', (driver, instance, options) =>
    driver.rescue({ instance, image: instance.image }, options),
  ),
  lifted('unrescue', 'rescue', 'refuses', (driver, instance, options) => driver.unrescue({ instance }, options)),
  lifted('rebuild', 'rebuild', 'refuses', (driver, instance, options) => driver.rebuild({ instance }, options)),
  lifted('softDelete', 'softDelete', 'refuses', (driver, instance, options) =>
    driver.softDelete({ instance }, options),
  ),
  lifted('restore', 'softDelete', 'refuses', (driver, instance, options) => driver.restore({ instance }, options)),
  lifted('snapshot', 'snapshot', 'refuses', (driver, instance, options) =>
    driver.snapshot({ instance, target }, options),
  ),
  lifted('cacheImage', 'imageCache', 'none', (driver, { image }, options) => driver.cacheImage({ image }, options)),
  lifted('manageImageCache', 'imageCache', 'none', (driver, _instance, options) =>
    driver.manageImageCache({ imageIdsInUse: [] }, options),
  ),
  lifted('attachVolume', 'volumes', 'refuses', (driver, instance, options) =>
    driver.attachVolume({ instance, device: volume }, options),
  ),
  lifted('detachVolume', 'volumes', 'refuses', (driver, instance, options) =>
    driver.detachVolume({ instance, deviceId: volume.id }, options),
  ),
  lifted('getVolumeConnector', 'volumes', 'none', (driver, _instance, options) =>
    driver.getVolumeConnector({}, options),
  ),
  lifted('swapVolume', 'swapVolume', 'refuses', (driver, instance, options) =>
    driver.swapVolume({ instance, deviceId: volume.id, replacement: volume }, options),
  ),
  lifted('extendVolume', 'extendVolume', 'refuses', (driver, instance, options) =>
    driver.extendVolume({ instance, deviceId: volume.id, sizeMib: 1 }, options),
  ),
  lifted('volumeSnapshotCreate', 'volumeSnapshots', 'refuses', (driver, instance, options) =>
    driver.volumeSnapshotCreate({ instance, deviceId: volume.id, snapshotPath: target.path }, options),
  ),
  lifted('volumeSnapshotDelete', 'volumeSnapshots', 'refuses', (driver, instance, options) =>
    driver.volumeSnapshotDelete({ instance, deviceId: volume.id, snapshotPath: target.path }, options),
  ),
  lifted('blockStats', 'blockStats', 'refuses', (driver, instance, options) =>
    driver.blockStats({ instance, deviceId: volume.id }, options),
  ),
  lifted('attachInterface', 'interfaces', 'refuses', (driver, instance, options) =>
    driver.attachInterface({ instance, networkInterface }, options),
  ),
  lifted('detachInterface', 'interfaces', 'refuses', (driver, instance, options) =>
    driver.detachInterface({ instance, interfaceId: networkInterface.id }, options),
  ),
  lifted('plugVifs', 'vifs', 'refuses', (driver, instance, options) => driver.plugVifs({ instance }, options)),
  lifted('unplugVifs', 'vifs', 'refuses', (driver, instance, options) => driver.unplugVifs({ instance }, options)),
  lifted('injectNetworkInfo', 'injectNetwork', 'refuses', (driver, instance, options) =>
    driver.injectNetworkInfo({ instance }, options),
  ),
  lifted('mountShare', 'shares', 'refuses', (driver, instance, options) =>
    driver.mountShare({ instance, share }, options),
  ),
  lifted('umountShare', 'shares', 'refuses', (driver, instance, options) =>
    driver.umountShare({ instance, share }, options),
  ),
];
