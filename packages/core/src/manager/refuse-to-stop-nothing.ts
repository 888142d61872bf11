import { ComputeError } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Instance } from '../model/instance.js';

/**
 * Drivers stop what is not there as well. An instance in `error` that was never made, or of which nothing is left, is none that is stopped.
 * @throws ComputeError `GUEST_OPERATION_FAILED`
 */
export async function refuseToStopNothing(instance: Instance, driver: GuestDriver, signal: AbortSignal): Promise<void> {
  const { uuid: instanceUuid, vmState } = instance;
  if (vmState !== 'error') return;
  const { guest, belongings } = await driver.inspect({ instance }, { signal });
  if (guest === 'present' || belongings.length > 0) return;
  const operator = { message: 'nothing of the instance is on this host' };
  throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'stop' }, { effect: 'none', operator });
}
