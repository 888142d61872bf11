import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';
import type { FakeDisk } from '../hypervisor/guest-view.js';
import { changing } from './changing.js';
import type { DriverCall } from './driver-call.js';

/**
 * Uses disks that are there: those the host holds already, or what another has left on storage they share. They stay when
 * the call fails later. @throws ComputeError `GUEST_START_FAILED` when there are none
 */
export async function reuseDisks(
  { uuid, image }: InstanceSpec,
  held: readonly FakeDisk[],
  call: DriverCall,
): Promise<void> {
  if (image.location.disk === undefined || held.some(({ id }) => id === 'root')) return;
  const { moves } = call.connection;
  if ((await moves.readReach(uuid, call)) === 'present') {
    call.undo.push('let the disks go', (options) => moves.letGo(uuid, options));
    return changing(call, () => moves.hold(uuid, call));
  }
  throw new ComputeError(
    'GUEST_START_FAILED',
    { instanceUuid: uuid, reason: 'disk' },
    { operator: { message: `There is no disk root of ${uuid} on this host.` }, effect: 'none' },
  );
}
