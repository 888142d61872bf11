import type { Clock } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { confirmRunning } from '../guest/confirm-running.js';
import type { Guest } from '../guest/guest.js';

/**
 * Lets a guest go on that was saved or paused; a running one does already. Nothing of a restored guest is ever cleaned up:
 * its memory is in it and nowhere else.
 * @throws ComputeError `INSTANCE_INVALID_STATE` when there is nothing to go on from
 */
export async function resumeGuest(
  guest: Guest,
  { clock, signal }: RunningCall & { readonly clock: Clock },
): Promise<void> {
  const { powerState } = await guest.look({ signal });
  switch (powerState) {
    case 'RUNNING':
      return;
    case 'PAUSED':
      await guest.resume({ signal });
      break;
    case 'SUSPENDED':
      await guest.restore({ signal });
      // Whoever saved it may have said that it is to be paused afterwards.
      if ((await guest.look({ signal })).powerState === 'PAUSED') await guest.resume({ signal });
      break;
    default:
      throw new ComputeError('INSTANCE_INVALID_STATE', {
        instanceUuid: guest.uuid,
        operation: 'resume',
        attribute: 'power state',
        actual: powerState,
        accepted: ['SUSPENDED', 'PAUSED', 'RUNNING'],
      });
  }
  await confirmRunning(guest, { clock, signal });
}
