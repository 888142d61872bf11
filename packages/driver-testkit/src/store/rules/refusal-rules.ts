import type { ComputeErrorCode, StoreWrite } from '@virtkit/core/store';
import { sampleRecords } from '../sample-records.js';
import type { StoreBench } from '../store-bench.js';
import type { StoreRule } from '../store-rule.js';
import { everyWrite } from './every-write.js';
import { refusal } from './expect-store.js';

interface Refused {
  readonly why: string;
  readonly code: ComputeErrorCode;
  /** The write that is refused, after what must be there for it has been committed. */
  readonly write: (bench: StoreBench) => Promise<StoreWrite>;
}

type InstanceUpdate = Extract<StoreWrite, { write: 'update-instance' }>;

/** An update of an active instance on node-1 that action-1 is rebooting. */
async function updateOfBusyInstance({ commit }: StoreBench, guard: InstanceUpdate['guard']): Promise<StoreWrite> {
  const busy = { vmState: 'active', taskState: 'rebooting', taskOwner: 'action-1', host: 'node-1' } as const;
  const instance = sampleRecords.instance(busy);
  await commit({ write: 'create-instance', instance });
  return { write: 'update-instance', uuid: instance.uuid, patch: { powerState: 'CRASHED' }, guard };
}

type ActionUpdate = Extract<StoreWrite, { write: 'update-action' }>;

/** An update of an action that runs in epoch 2. */
async function updateOfRunningAction({ commit }: StoreBench, guard: ActionUpdate['guard']): Promise<StoreWrite> {
  const action = sampleRecords.action({ state: 'running', epoch: 2 });
  await commit({ write: 'create-action', action });
  return { write: 'update-action', uuid: action.uuid, patch: { state: 'failed' }, guard };
}

const everyRefusal: readonly Refused[] = [
  {
    why: 'its session is of a host that never had one',
    code: 'SESSION_LOST',
    write: () => Promise.resolve({ write: 'require-session', host: 'node-9', epoch: 1 }),
  },
  {
    why: 'its session was taken over',
    code: 'SESSION_LOST',
    async write({ store }) {
      const request = { host: 'node-1', leaseMs: 1_000, takeOver: 'at-once' } as const;
      const { host, epoch } = await store.openSession({ ...request, holder: 'first' });
      await store.openSession({ ...request, holder: 'second' });
      return { write: 'require-session', host, epoch };
    },
  },
  {
    why: 'its session has an epoch that is still to come',
    code: 'SESSION_LOST',
    async write({ store }) {
      const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;
      const { host, epoch } = await store.openSession(request);
      return { write: 'require-session', host, epoch: epoch + 1 };
    },
  },
  {
    why: 'a host is looked after that it takes for dead',
    code: 'HOST_TAKEN',
    async write({ store }) {
      const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;
      const { host, epoch } = await store.openSession(request);
      return { write: 'require-no-session', host, epoch };
    },
  },
  {
    why: 'a host that it takes for dead has come and gone again',
    code: 'HOST_TAKEN',
    async write({ store }) {
      const request = { host: 'node-1', leaseMs: 1_000, takeOver: 'at-once' } as const;
      const { host, epoch } = await store.openSession({ ...request, holder: 'first' });
      await store.closeSession(await store.openSession({ ...request, holder: 'second' }));
      return { write: 'require-no-session', host, epoch };
    },
  },
  {
    why: 'a host had a manager that it takes for new',
    code: 'HOST_TAKEN',
    async write({ store }) {
      const request = { host: 'node-1', holder: 'first', leaseMs: 1_000, takeOver: 'when-expired' } as const;
      const session = await store.openSession(request);
      await store.closeSession(session);
      return { write: 'require-no-session', host: session.host, epoch: null };
    },
  },
  {
    why: 'an instance it creates is there',
    code: 'INSTANCE_EXISTS',
    async write({ commit }) {
      const instance = sampleRecords.instance();
      await commit({ write: 'create-instance', instance });
      return { write: 'create-instance', instance };
    },
  },
  {
    why: 'an instance it updates is not there',
    code: 'INSTANCE_NOT_FOUND',
    write: () => Promise.resolve({ write: 'update-instance', uuid: 'nobody', patch: {}, guard: {} }),
  },
  {
    why: 'an instance has another task state',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskState: ['deleting', null] }),
  },
  {
    why: 'an instance is not idle',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskState: [null] }),
  },
  {
    why: 'an instance has another task owner',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskState: ['rebooting'], taskOwner: 'action-2' }),
  },
  {
    why: 'an instance has a task owner and should have none',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskOwner: null }),
  },
  {
    why: 'an instance is on another host',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { host: 'node-2' }),
  },
  {
    why: 'an instance is on a host and should be on none',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { host: null }),
  },
  {
    why: 'an instance is locked in another way',
    code: 'INSTANCE_LOCKED',
    write: (bench) => updateOfBusyInstance(bench, { taskState: ['rebooting'], locked: ['by-owner', 'by-admin'] }),
  },
  {
    why: 'an instance has another vm state',
    code: 'INSTANCE_INVALID_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskState: ['rebooting'], vmState: ['stopped', 'paused'] }),
  },
  {
    why: 'an instance has both another task state and another vm state',
    code: 'UNEXPECTED_TASK_STATE',
    write: (bench) => updateOfBusyInstance(bench, { taskState: [null], vmState: ['stopped'] }),
  },
  {
    why: 'another action of the project has its idempotency key',
    code: 'IDEMPOTENCY_CONFLICT',
    async write({ commit }) {
      const idempotencyKey = 'once';
      await commit({ write: 'create-action', action: sampleRecords.action({ idempotencyKey }) });
      return { write: 'create-action', action: sampleRecords.action({ idempotencyKey }) };
    },
  },
  {
    why: 'an action it updates is not there',
    code: 'ACTION_NOT_FOUND',
    write: () => Promise.resolve({ write: 'update-action', uuid: 'nobody', patch: {}, guard: {} }),
  },
  {
    why: 'an action is in another state',
    code: 'UNEXPECTED_ACTION_STATE',
    write: (bench) => updateOfRunningAction(bench, { state: ['queued'] }),
  },
  {
    why: 'an action was claimed in another epoch',
    code: 'UNEXPECTED_ACTION_STATE',
    write: (bench) => updateOfRunningAction(bench, { state: ['running'], epoch: 1 }),
  },
  {
    why: 'an action was claimed and should not be',
    code: 'UNEXPECTED_ACTION_STATE',
    write: (bench) => updateOfRunningAction(bench, { epoch: null }),
  },
  {
    why: 'an action would be the second one of its instance to run',
    code: 'UNEXPECTED_ACTION_STATE',
    async write({ commit }) {
      const { instanceUuid, ...running } = sampleRecords.action({ state: 'running' });
      const queued = sampleRecords.action({ instanceUuid });
      await commit(
        { write: 'create-action', action: { ...running, instanceUuid } },
        { write: 'create-action', action: queued },
      );
      return { write: 'update-action', uuid: queued.uuid, patch: { state: 'running' }, guard: {} };
    },
  },
];

/** For every condition there is: it stands last in a unit of all kinds of changes, and is the only one that does not hold. */
export const refusalRules: readonly StoreRule[] = everyRefusal.map(({ why, code, write }) => ({
  name: `a unit is refused with ${code} and leaves nothing when ${why}`,
  async prove(bench) {
    const refused = await write(bench);
    const unit = everyWrite();
    await refusal(bench.commit(...unit.writes, refused), code);
    await unit.noneIsIn(bench.store);
    await refusal(bench.commit(refused, ...unit.writes), code);
    await unit.noneIsIn(bench.store);
    await bench.commit(...unit.writes);
    await unit.allAreIn(bench.store);
  },
}));
