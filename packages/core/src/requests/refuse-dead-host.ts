import { ComputeError, type CallOptions } from '../driver/index.js';
import type { Records } from '../records/records.js';

/**
 * Refuses what only a host could carry out that nobody looks after: accepted, it would never end. Reads nothing for this process's own host.
 * @throws ComputeError `HOST_UNAVAILABLE`; the operator facts name the host
 */
export async function refuseDeadHost(
  host: string,
  operation: string,
  { host: ownHost, records }: { readonly host: string; readonly records: Records },
  options: CallOptions,
): Promise<void> {
  if (host === ownHost) return;
  const seen = await records.store.getSession(host, options);
  if (seen?.lease === 'lasting') return;
  const since = seen ? `its lease is over (epoch ${seen.session.epoch})` : 'it never had a manager';
  const message = `No manager looks after host ${host}: ${since}. The host of this manager is ${ownHost}.`;
  throw new ComputeError('HOST_UNAVAILABLE', { operation }, { effect: 'none', operator: { message, host } });
}
