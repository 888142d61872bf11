import type { Clock } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { confirmRunning } from '../guest/confirm-running.js';
import type { Guest } from '../guest/guest.js';
import { inSteps } from './steps.js';

/**
 * Lets a guest go on that was saved or paused; a running one does already. Nothing of a restored guest is ever cleaned up:
 * its memory is in it and nowhere else.
 * @throws ComputeError `INSTANCE_INVALID_STATE` when there is nothing to go on from; `GUEST_START_FAILED` with the reason
 * `saved memory` when that is lost: the guest is never booted instead. With effect `none` when nothing was tried.
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
      await guest.requireSavedMemory({ signal });
      await inSteps(async (steps) => {
        steps.taken('restore the guest', 'cannot be undone');
        await guest.restore({ signal });
        if ((await guest.look({ signal })).powerState === 'PAUSED') await guest.resume({ signal });
      });
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
