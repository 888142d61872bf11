import { ComputeError, type BlockDevice, type CallOptions, type SwapVolumeAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import type { DriverCall } from '../driver-call.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function swapVolume({ calls, connection }: AbilityParts): SwapVolumeAbility {
  return {
    swapVolume: ({ instance, deviceId, replacement }, options = {}) =>
      calls.change('swapVolume', instance, options, async (call) => {
        const { devices } = connection;
        const { uuid } = instance;
        const view = await readPresent(connection, instance, call);
        mustBe(['RUNNING', 'PAUSED'], powerStateOf(view), call);
        const live = view.guest.running?.blockDevices ?? [];
        if (!live.some((device) => isSame(device, replacement))) {
          const old = live.find(({ id }) => id === deviceId);
          if (old === undefined) throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: deviceId });
          call.undo.push('write to the old disk only', (undo) => swapBack(old, replacement, call, undo));
          // A process that died meanwhile has left its copy under way.
          await changing(call, () => devices.cancelMirror(uuid, call));
          await changing(call, () => devices.startMirror(uuid, deviceId, replacement, call));
          await changing(call, () => devices.pivotMirror(uuid, call));
          call.undo.push('start from the old disk', (undo) => devices.replace(uuid, replacement.id, old, undo));
        }
        await changing(call, () => devices.replace(uuid, deviceId, replacement, call));
      }),
  };
}

function isSame(device: BlockDevice, { id, source }: BlockDevice): boolean {
  return device.id === id && device.source.path === source.path;
}

/** The old disk gets everything that was written to the replacement, unless another call has stopped the guest since. */
async function swapBack(old: BlockDevice, replacement: BlockDevice, call: DriverCall, options: CallOptions) {
  const { connection, instanceUuid } = call;
  const { guest } = await connection.readState(instanceUuid, options);
  if (guest?.running === undefined) return;
  await connection.devices.cancelMirror(instanceUuid, options);
  if (!guest.running.blockDevices.some((device) => isSame(device, replacement))) return;
  await connection.devices.startMirror(instanceUuid, replacement.id, old, options);
  await connection.devices.pivotMirror(instanceUuid, options);
}
