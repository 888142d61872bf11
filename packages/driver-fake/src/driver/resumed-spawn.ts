import type { SpawnRequest } from '@virtkit/core/driver';
import { unless } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { startGuest } from './guest-launch.js';
import { stopGuest } from './guest-stop.js';
import type { PresentGuest } from './managed-view.js';

/**
 * Goes on with a spawn of the same generation that was cut off after it had made the guest. A guest that runs is complete. One that does not
 * is started from the beginning: whether its network had been waited for, nobody knows any more. On failure nothing of it is left.
 */
export async function resumeSpawn(
  { instance, start }: SpawnRequest,
  view: PresentGuest,
  call: DriverCall,
): Promise<void> {
  if (view.guest.state === 'running' || start === 'leave-off') return;
  const { connection, undo } = call;
  for (const { id } of view.disks) {
    undo.push(`remove disk ${id}`, (options) => connection.disks.remove(instance.uuid, id, options));
  }
  undo.push('undefine the guest', (options) => unless(['no-guest'], connection.undefine(instance.uuid, options)));
  await stopGuest(view, 'drop', call);
  await startGuest(instance, call);
}
