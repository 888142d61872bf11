import type { VolumeSnapshotAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing, unless } from '../changing.js';
import { readPresent } from '../managed-view.js';

export function volumeSnapshots({ calls, connection }: AbilityParts): VolumeSnapshotAbility {
  const { devices } = connection;
  return {
    volumeSnapshotCreate: ({ instance, deviceId, snapshotPath }, options = {}) =>
      calls.change('volumeSnapshotCreate', instance, options, async (call) => {
        const { uuid } = instance;
        await readPresent(connection, instance, call);
        const { chain } = await devices.readVolume(uuid, deviceId, call);
        if (chain.includes(snapshotPath)) return;
        call.undo.push('merge the snapshot again', (undo) =>
          unless(['no-guest', 'no-device'], devices.mergeOverlay(uuid, deviceId, snapshotPath, undo)),
        );
        await changing(call, () => devices.addOverlay(uuid, deviceId, snapshotPath, call));
      }),

    // What is merged stays merged: there is nothing to undo.
    volumeSnapshotDelete: ({ instance, deviceId, snapshotPath }, options = {}) =>
      calls.change('volumeSnapshotDelete', instance, options, async (call) => {
        const { uuid } = instance;
        await readPresent(connection, instance, call);
        const { chain } = await devices.readVolume(uuid, deviceId, call);
        if (!chain.includes(snapshotPath)) return;
        await changing(call, () => devices.mergeOverlay(uuid, deviceId, snapshotPath, call));
      }),
  };
}
