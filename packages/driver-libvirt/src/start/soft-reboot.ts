import type { InstanceSpec } from '@virtkit/core/driver';
import { LibvirtError } from '@virtkit/libvirt-client';
import type { RunningCall } from '../driver-calls.js';
import { askOnce } from '../guest/ask-to-stop.js';
import { waitForGuest } from '../guest/wait-for-guest.js';
import { createDomainAndNetwork } from './create-domain-and-network.js';
import type { StartContext } from './start-context.js';

/**
 * Asks a running guest to shut down and starts it again. Not libvirt's own reboot, of which nobody learns when or whether
 * it was done. Resolves to `'refused'` when the guest does not run, does not stop in time, or does not start again.
 */
export async function softReboot(
  context: StartContext,
  instance: InstanceSpec,
  { signal }: RunningCall,
): Promise<'rebooted' | 'refused'> {
  const { host, configuration, environment } = context;
  const guest = await host.findGuest(instance, { signal });
  const before = await guest?.look({ signal });
  if (guest === undefined || before?.powerState !== 'RUNNING') return 'refused';
  try {
    const { clock, log } = environment;
    const deadlineMs = clock.monotonicMs() + configuration.softRebootTimeoutMs;
    await askOnce(guest, { limitMs: configuration.softRebootTimeoutMs, log, signal });
    const wait = { clock, timeoutMs: deadlineMs - clock.monotonicMs(), signal };
    const after = await waitForGuest(guest, ({ life }) => life !== before.life, wait);
    if (after === 'timeout') return 'refused';
    // Another life already: somebody has started it again.
    if (after.life !== undefined) return 'rebooted';
    await createDomainAndNetwork(context, instance, { source: { guest }, destroyDisksOnFailure: false, signal });
    return 'rebooted';
  } catch (failure) {
    if (!LibvirtError.is(failure)) throw failure;
    environment.log.warn({ instanceUuid: instance.uuid, err: failure }, 'a soft reboot was refused by libvirt');
    return 'refused';
  }
}
