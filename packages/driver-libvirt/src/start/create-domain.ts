import type { RunningCall } from '../driver-calls.js';
import type { Guest } from '../guest/guest.js';
import type { Host } from '../host/host.js';
import type { Steps } from './steps.js';

/** What a guest is made of: a definition, or the domain that has one. */
export type DomainSource = { readonly xml: string } | { readonly guest: Guest };

export interface CreateDomainOptions extends RunningCall {
  readonly source: DomainSource;
  /** Comes between definition and start, for what has to know the guest's devices as libvirt has placed them. */
  readonly postXmlCallback?: ((guest: Guest) => Promise<void>) | undefined;
  /** `'paused'`: started, and its CPUs wait. `'off'`: only defined. */
  readonly power: 'on' | 'paused' | 'off';
}

/** Defines a guest unless it is, and starts it if asked to. Both are steps of the caller, who undoes them. */
export async function createDomain(
  host: Host,
  instanceUuid: string,
  steps: Steps,
  { source, postXmlCallback, power, signal }: CreateDomainOptions,
): Promise<Guest> {
  const guest =
    'guest' in source
      ? source.guest
      : await steps.take({
          name: 'define the guest',
          take: () => host.defineGuest(instanceUuid, source.xml),
          undo: () => host.removeGuest(instanceUuid, {}),
        });
  await postXmlCallback?.(guest);
  signal.throwIfAborted();
  if (power === 'off') return guest;
  await steps.take({
    name: 'start the guest',
    take: () => guest.launch({ pause: power === 'paused' ? 'yes' : 'no', signal }),
    undo: () => guest.poweroff({}),
  });
  return guest;
}
