import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';

/** @throws ComputeError `FLAVOR_TOO_SMALL` when the image needs more than the flavor offers */
export function checkFlavor({ flavor, image }: InstanceSpec): void {
  if (flavor.memoryMib < image.minMemoryMib) {
    throw new ComputeError('FLAVOR_TOO_SMALL', {
      resource: 'memory',
      requiredMib: image.minMemoryMib,
      offeredMib: flavor.memoryMib,
    });
  }
  // A root disk of 0 is as large as the image needs it.
  if (flavor.rootDiskGib > 0 && flavor.rootDiskGib < image.minDiskGib) {
    throw new ComputeError('FLAVOR_TOO_SMALL', {
      resource: 'disk',
      requiredMib: image.minDiskGib * 1024,
      offeredMib: flavor.rootDiskGib * 1024,
    });
  }
}
