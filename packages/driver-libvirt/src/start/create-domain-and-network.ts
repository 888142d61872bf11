import { isComputeError, type InstanceSpec } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { confirmRunning } from '../guest/confirm-running.js';
import type { Guest } from '../guest/guest.js';
import { createDomain, type DomainSource } from './create-domain.js';
import { inSteps } from './steps.js';
import type { StartContext } from './start-context.js';
import { awaitedVifs, vifsPlugged } from './vif-plugging.js';

export interface CreateDomainAndNetworkOptions extends RunningCall {
  readonly source: DomainSource;
  /** Default `'on'`. */
  readonly power?: 'on' | 'off';
  readonly postXmlCallback?: (guest: Guest) => Promise<void>;
  /** Whether a failed start takes the instance's files with it: only for those who have just made them. */
  readonly destroyDisksOnFailure: boolean;
}

/**
 * Starts a guest with its network. Afterwards it runs, or is defined if it was not to be started. A failed start is cleaned
 * up: no running guest and no vif is left, no definition that was not there before, and no disks if asked so. The first
 * failure is rethrown, the same object.
 */
export async function createDomainAndNetwork(
  context: StartContext,
  instance: InstanceSpec,
  options: CreateDomainAndNetworkOptions,
): Promise<void> {
  const { host, environment, configuration } = context;
  const { source, power = 'on', signal } = options;
  const mayWait = power === 'on' && configuration.vifPluggingTimeoutMs > 0;
  const awaited = mayWait ? awaitedVifs(instance) : [];
  // From here on the network's word is kept, so that one that comes before the guest waits for it is not missed.
  using expected = awaited.length === 0 ? undefined : environment.externalEvents.expect(instance.uuid, awaited);

  await inSteps(async (steps) => {
    if (options.destroyDisksOnFailure) {
      steps.taken('make the disks', () => context.directoryOf(instance.uuid).remove());
    }
    const guest = await createDomain(host, instance.uuid, steps, {
      source,
      postXmlCallback: options.postXmlCallback,
      power: expected === undefined ? power : 'paused',
      signal,
    });
    if (power === 'off') return;
    if (expected !== undefined) {
      await vifsPlugged(expected, guest, {
        timeoutMs: configuration.vifPluggingTimeoutMs,
        clock: environment.clock,
        signal,
      }).catch(tolerated(context, guest));
      await guest.resume({ signal });
    }
    await confirmRunning(guest, { clock: environment.clock, signal });
  });
}

/** Where unplugged interfaces are not fatal, the guest goes on without them. */
function tolerated({ configuration, environment }: StartContext, guest: Guest): (failure: unknown) => void {
  return (failure) => {
    const isPlugging = isComputeError(failure, 'VIF_PLUG_TIMEOUT') || isComputeError(failure, 'VIF_PLUG_FAILED');
    if (!isPlugging || configuration.vifPluggingIsFatal) throw failure;
    environment.log.warn({ instanceUuid: guest.uuid, err: failure }, 'a guest starts without its network');
  };
}
