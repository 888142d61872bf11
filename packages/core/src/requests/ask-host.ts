import { ComputeError } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { HostCalls } from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import type { Hosts } from './hosts.js';

/**
 * Asks the host of an instance. When that fails and the instance has moved since its record was read, its new host is asked, once.
 * @throws ComputeError `HOST_UNAVAILABLE`, `INSTANCE_INVALID_STATE` for an instance that is on no host, and what the host rejects with
 */
export async function askHostOf<Answer>(
  instance: Instance,
  { hosts, records }: { readonly hosts: Hosts; readonly records: Records },
  ask: (host: HostCalls, instance: Instance) => Promise<Answer>,
): Promise<Answer> {
  const host = instance.host ?? hosts.ownHost;
  if (host === undefined) throw onNoHost(instance);
  try {
    return await ask(hosts.of(host), instance);
  } catch (failure) {
    const present = await records.store.getInstance(instance.uuid).catch(() => instance);
    if (present.host === null || present.host === instance.host) throw failure;
    return await ask(hosts.of(present.host), present);
  }
}

function onNoHost({ uuid: instanceUuid, vmState }: Instance): ComputeError {
  const accepted = ['any of an instance that is on a host'];
  const details = { instanceUuid, operation: 'inspect', attribute: 'vm state', actual: vmState, accepted } as const;
  return new ComputeError('INSTANCE_INVALID_STATE', details);
}
