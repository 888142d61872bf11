import { builtInstance } from './built-instance.js';
import { quietLife, tenant } from './fake-compute.js';
import { triedHost, type TriedHost } from './tried-host.js';

/** A host on which so many guests were asked to pause, now, and do not answer; nor does anybody who is asked for a power state. */
export async function hungHost(count: number): Promise<{ host: TriedHost; sinceMs: number }> {
  const everyMs = { ...quietLife.everyMs, powerSync: 1_000, guestAudit: 60_000 };
  const host = await triedHost({ hostLife: { everyMs } });
  const hang = { type: 'hang', until: 'never' } as const;
  const stuck: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    const { uuid } = await builtInstance(host, { networkInterfaces: [] });
    host.hypervisor.faults.add({ at: 'pause', instanceUuid: uuid, fault: hang });
    stuck.push(uuid);
  }
  host.hypervisor.faults.add({ at: 'getInfo', times: 'always', fault: hang });
  for (const uuid of stuck) await host.api.pause(tenant, uuid);
  return { host, sinceMs: host.clock.now() };
}
