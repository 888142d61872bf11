import type { ComputeStore } from '../store/compute-store.js';

/** Enough to notice that a host was renamed, few enough for every start. */
const INSTANCE_COUNT_MAX = 1_000;

/**
 * The hosts that instances are on and that nobody looks after, where this host has none itself: then its name may be new. Their requests are
 * refused until a manager takes that name.
 */
export async function unservedHosts(store: ComputeStore, ownHost: string): Promise<readonly string[]> {
  if ((await store.listInstances({ host: ownHost, countMax: 1 })).length > 0) return [];
  const instances = await store.listInstances({ countMax: INSTANCE_COUNT_MAX });
  const names = new Set(instances.flatMap(({ host }) => host ?? []));
  const unserved: string[] = [];
  for (const name of names) if ((await store.getSession(name))?.lease !== 'lasting') unserved.push(name);
  return unserved;
}
