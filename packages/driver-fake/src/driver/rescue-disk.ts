import type { Image } from '@virtkit/core/driver';
import { changing, unless } from './changing.js';
import type { DriverCall } from './driver-call.js';

/** Makes the disk that a guest is rescued with, and boots from it at the next start. Undone when the call fails. */
export async function enterRescue(image: Image, call: DriverCall): Promise<void> {
  const { connection, instanceUuid, signal, undo } = call;
  const disk = { id: 'rescue', sizeGib: Math.max(1, image.minDiskGib), imageId: image.id };
  undo.push('remove disk rescue', (options) => connection.disks.remove(instanceUuid, 'rescue', options));
  await changing(call, () => connection.disks.create(instanceUuid, disk, { signal }));
  undo.push('boot from its own disk again', (options) =>
    unless(['no-guest'], connection.bootFrom(instanceUuid, 'own-disk', options)),
  );
  await changing(call, () => connection.bootFrom(instanceUuid, 'rescue-image', { signal }));
}

/** Forgets the rescue of a guest that is off. Afterwards it boots from its own disk. */
export async function leaveRescue(call: DriverCall): Promise<void> {
  const { connection, instanceUuid, signal } = call;
  await changing(call, () => unless(['no-guest'], connection.bootFrom(instanceUuid, 'own-disk', { signal })));
  await changing(call, () => connection.disks.remove(instanceUuid, 'rescue', { signal }));
}
