import type { GuestInspection } from '../driver/index.js';
import type { Interrupted } from './recover-instance.js';

/**
 * Whether a build or a rebuild had made its guest when its process died: the guest that is there has the generation of this very action, and is
 * started if it was to be. A direct call has no action; of a build it is known all the same, since its record had no guest before.
 */
export function isSpawnedAfterAll({ name, instance, action }: Interrupted, guest: GuestInspection): boolean {
  if (guest.guest === 'absent') return false;
  const isItsOwn = name === 'build' || (action !== undefined && guest.generation === action.uuid);
  return isItsOwn && guest.powerState === (instance.vmState === 'stopped' ? 'SHUTDOWN' : 'RUNNING');
}
