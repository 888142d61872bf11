import type { InstanceSpec } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { createDomainAndNetwork } from './create-domain-and-network.js';
import { guestDefinition } from './guest-definition.js';
import { standingDisks } from './standing-disks.js';
import type { StartContext } from './start-context.js';
import { inSteps } from './steps.js';

/**
 * Gives the guest a new life from its spec and the disks that are there, whatever state it is in, and makes it anew if
 * libvirt has lost it.
 *
 * The definition is never removed: the new one is put over the old one, which libvirt does in one step, and only when that
 * was accepted is the guest stopped. After a failed start the guest is off and keeps the new definition, which is what its
 * spec says; the next hard reboot starts from there. Disks that another tool has changed are kept, see `standing-disks.ts`.
 */
export async function hardReboot(
  context: StartContext,
  instance: InstanceSpec,
  { signal }: RunningCall,
): Promise<void> {
  const { host } = context;
  const present = await host.findGuestOrPlace(instance, { signal });
  const xml = await guestDefinition(context, instance, present, { signal });
  await context.directoryOf(instance.uuid).ensure(instance.generation);
  const start = { destroyDisksOnFailure: false, signal };
  if (present === undefined) return createDomainAndNetwork(context, instance, { source: { xml }, ...start });

  await inSteps(async (steps) => {
    const define = () => host.defineGuest(instance.uuid, xml);
    const guest = await steps.take({ name: 'define the guest anew', take: define, undo: 'cannot be undone' });
    // A snapshot that was made since the disks were read is in the running guest and not in the definition.
    await standingDisks(guest, { signal });
    await guest.poweroff({ signal });
    await createDomainAndNetwork(context, instance, { source: { guest }, ...start });
  });
}
