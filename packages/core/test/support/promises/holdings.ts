import { brokenBelongings } from '../belongings-promises.js';
import type { Claim } from './claim.js';
import type { Happened } from './happened.js';
import { instanceIfKnown } from './instance-if-known.js';

/**
 * The record, the providers and the guest agree of what the instance has. Of an instance in error its record names what is held for it, so that
 * a repair or a delete finds that.
 */
export async function holdings({ store, instanceUuid, hypervisor, providers }: Happened, claim: Claim): Promise<void> {
  if (!hypervisor || !providers) return;
  const instance = await instanceIfKnown(store, instanceUuid);
  if (!instance || instance.vmState === 'error') return;
  const problems = await brokenBelongings({ store, hypervisor, ...providers }, instanceUuid);
  claim(problems.length === 0, problems.join('; '));
}
