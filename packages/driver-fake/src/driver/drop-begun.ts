import type { CallOptions } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';

/**
 * Ends what a driver that died has left begun: captures of disks, and copies under way, to another host too. Whatever asked for them does it again from the start,
 * or not at all, and nothing of this driver runs yet.
 */
export async function dropBegun(
  { machine, images, devices, moves }: FakeConnection,
  options: CallOptions,
): Promise<void> {
  const { captured, copied, sent } = await machine.listBegun(options);
  for (const uuid of captured) await images.dropCapture(uuid, options);
  for (const uuid of copied) await devices.cancelMirror(uuid, options);
  for (const uuid of sent) await moves.stopSending(uuid, options);
}
