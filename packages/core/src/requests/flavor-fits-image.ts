import { ComputeError, type Flavor, type Image } from '../driver/index.js';

const MIB_PER_GIB = 1_024;

/** @throws ComputeError `FLAVOR_TOO_SMALL` when an image needs more than a flavor offers */
export function checkFlavorFitsImage(
  { memoryMib, rootDiskGib }: Flavor,
  { minMemoryMib, minDiskGib }: Pick<Image, 'minMemoryMib' | 'minDiskGib'>,
): void {
  demand('memory', minMemoryMib, memoryMib);
  // A root disk of 0 is as large as the image needs it.
  if (rootDiskGib > 0) demand('disk', minDiskGib * MIB_PER_GIB, rootDiskGib * MIB_PER_GIB);
}

function demand(resource: 'disk' | 'memory', requiredMib: number, offeredMib: number): void {
  if (offeredMib < requiredMib) throw new ComputeError('FLAVOR_TOO_SMALL', { resource, requiredMib, offeredMib });
}
