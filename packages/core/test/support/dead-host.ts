import { twoHosts, type TwoHosts, type TwoHostsParts } from './two-hosts.js';

/** The first of two hosts loses its power, and the lease of its manager ends. */
export async function hostDied(parts: TwoHostsParts = {}): Promise<TwoHosts> {
  const hosts = await twoHosts(parts);
  await hostDies(hosts);
  return hosts;
}

/** The same for hosts that are there. */
export async function hostDies({ datacenter, store }: Pick<TwoHosts, 'datacenter' | 'store'>): Promise<void> {
  datacenter.host('alpha').switchOff();
  const seen = await store.getSession('alpha');
  if (seen) await store.closeSession(seen.session);
}
