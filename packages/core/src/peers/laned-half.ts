import { ComputeError, type CallOptions } from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Records } from '../records/records.js';
import type { HostPeer, InstanceAsked } from './host-peer.js';
import type { MoveLeader } from './host-peers.js';
import { peerCallTimeoutsMs } from './peer-call-table.js';

export interface LanedHalfParts {
  readonly host: string;
  readonly half: HostPeer;
  readonly lanes: InstanceLanes;
  readonly records: Records;
  readonly leader: MoveLeader;
}

/** What may come while something else is done to the instance: it changes nothing of it. */
const besides: ReadonlySet<keyof HostPeer> = new Set(['inspect', 'noteMove']);

/** What removes an instance from a host that it was on its way to, or has left. */
const removing: ReadonlySet<keyof HostPeer> = new Set(['undoResize', 'rollbackLiveMigration', 'removeInstance']);

/**
 * This host's half as another manager reaches it: what changes an instance waits for its turn in the instance's lane. Who was replaced on its
 * own host while it waited, or before, does not know what has been done since: nothing is changed for it. Nor is an instance ever removed
 * that is this host's own by its record.
 */
export function lanedHalf({ host, half, lanes, records, leader }: LanedHalfParts): HostPeer {
  const laned =
    (method: keyof HostPeer) =>
    async (asked: InstanceAsked, options: CallOptions = {}): Promise<unknown> => {
      const call = half[method].bind(half) as (asked: InstanceAsked, options: CallOptions) => Promise<unknown>;
      if (besides.has(method)) return await call(asked, options);
      const { instanceUuid } = asked;
      const entry = { instanceUuid, operation: 'move', manner: 'wait' as const, signal: options.signal };
      return await lanes.enter(entry, async (signal) => {
        await refuseReplaced(leader, instanceUuid, records);
        if (removing.has(method)) await refuseOwn(instanceUuid, host, records);
        return await call(asked, { signal });
      });
    };
  const methods = Object.keys(peerCallTimeoutsMs) as (keyof HostPeer)[];
  return Object.fromEntries(methods.map((method) => [method, laned(method)])) as unknown as HostPeer;
}

/** @throws ComputeError `MIGRATION_REFUSED` */
async function refuseReplaced({ host, epoch }: MoveLeader, instanceUuid: string, records: Records): Promise<void> {
  const seen = await records.store.getSession(host);
  if (seen?.session.epoch === epoch) return;
  const operator = { message: `Another process leads from ${host} now.`, epoch, now: seen?.session.epoch };
  throw new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'busy' }, { effect: 'none', operator });
}

/** @throws ComputeError `MIGRATION_REFUSED` */
async function refuseOwn(instanceUuid: string, host: string, records: Records): Promise<void> {
  const instance = await records.store.getInstance(instanceUuid);
  if (instance.host !== host || instance.vmState === 'deleted') return;
  const operator = { message: `It is on ${host} by its record.` };
  throw new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'busy' }, { effect: 'none', operator });
}
