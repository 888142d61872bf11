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

const moving = { operation: 'move', manner: 'wait' } as const;
const deleting = { operation: 'delete', manner: 'overtake' } as const;

/** What a host gives to an instance on a move. A delete takes it away again, and does not wait for it. */
const giving: ReadonlySet<keyof HostPeer> = new Set([
  'prepareMove',
  'checkLiveMigration',
  'preLiveMigration',
  'postLiveMigration',
  'finishResize',
  'revertResize',
]);

/**
 * This host's half as another manager reaches it: what changes an instance waits for its turn in the instance's lane, and a delete preempts
 * what is under way there, as it does on its own host. Who was replaced on its own host while it waited, or before, does not know what has
 * been done since: nothing is changed for it. Nor is an instance ever removed that is this host's own by its record. A move whose instance is
 * being deleted gets nothing: it would wait for the delete, which waits for the move.
 */
export function lanedHalf({ host, half, lanes, records, leader }: LanedHalfParts): HostPeer {
  const laned =
    (method: keyof HostPeer) =>
    async (asked: InstanceAsked, options: CallOptions = {}): Promise<unknown> => {
      const call = half[method].bind(half) as (asked: InstanceAsked, options: CallOptions) => Promise<unknown>;
      if (besides.has(method)) return await call(asked, options);
      const { instanceUuid } = asked;
      const refuse = async (): Promise<void> => {
        await refuseReplaced(leader, instanceUuid, records);
        if (removing.has(method)) await refuseOwn(instanceUuid, host, records);
        if (giving.has(method)) await refuseDeleted(instanceUuid, records);
      };
      await refuse();
      const { operation, manner } = method === 'removeInstance' ? deleting : moving;
      return await lanes.enter({ instanceUuid, operation, manner, signal: options.signal }, async (signal) => {
        await refuse();
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

/** @throws ComputeError `UNEXPECTED_TASK_STATE` */
async function refuseDeleted(instanceUuid: string, records: Records): Promise<void> {
  const { taskState, vmState } = await records.store.getInstance(instanceUuid);
  if (taskState !== 'deleting' && vmState !== 'deleted') return;
  const actual = taskState ?? 'none';
  throw new ComputeError('UNEXPECTED_TASK_STATE', { instanceUuid, expected: ['that of the move'], actual });
}
