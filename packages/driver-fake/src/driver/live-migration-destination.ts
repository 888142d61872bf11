import type { CallOptions, InstanceSpec, LiveMigrationData } from '@virtkit/core/driver';
import type { FakeDisk } from '../hypervisor/guest-view.js';
import { changing } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { readMine } from './managed-view.js';
import { refused } from './move-out.js';
import { plugVifs } from './vif-plugging.js';

/**
 * Makes ready what the guest needs where it is to go on: its vifs, and its disks; those that are copied are empty until it
 * comes. All of it is removed again when the call fails. A guest that has come already needs nothing.
 */
export async function readyDestination(
  instance: InstanceSpec,
  data: LiveMigrationData,
  call: DriverCall,
): Promise<void> {
  const { connection } = call;
  const { uuid } = instance;
  const { guest, disks } = await readMine(call);
  if (guest !== undefined) {
    if (guest.state === 'shut-off') throw refused('busy', 'There is a guest of that uuid.', call);
    return;
  }
  await plugVifs(instance, call);
  if (disks.length > 0 || instance.image.location.disk === undefined) return;
  const shared = data.disks === 'shared';
  const sizeGib = Math.max(instance.flavor.rootDiskGib, instance.image.minDiskGib);
  const madeFor = instance.generation ?? undefined;
  const disk = { id: 'root', sizeGib, imageId: instance.image.id, ...(madeFor && { madeFor }) };
  await changingUndone('remove the disks', call, {
    step: (options) => (shared ? connection.moves.hold(uuid, options) : connection.disks.create(uuid, disk, options)),
    undo: (options) =>
      shared ? connection.moves.letGo(uuid, options) : connection.disks.remove(uuid, disk.id, options),
  });
}

/** Removes the disks of a guest that is elsewhere; those on shared storage are the other host's now. */
export async function leaveDisks(disks: readonly FakeDisk[], data: LiveMigrationData, call: DriverCall): Promise<void> {
  const { connection, instanceUuid } = call;
  if (disks.length === 0) return;
  if (data.disks === 'shared') return changing(call, () => connection.moves.letGo(instanceUuid, call));
  for (const { id } of disks) await changing(call, () => connection.disks.remove(instanceUuid, id, call));
}

interface Step {
  readonly step: (options: CallOptions) => Promise<void>;
  readonly undo: (options: CallOptions) => Promise<void>;
}

/** Does a step that is undone when the call fails, then or later. */
export async function changingUndone(during: string, call: DriverCall, { step, undo }: Step): Promise<void> {
  call.undo.push(during, undo);
  await changing(call, () => step({ signal: call.signal }));
}
