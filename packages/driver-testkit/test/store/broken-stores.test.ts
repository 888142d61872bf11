import { ComputeError, type ComputeStore, type Instance, type StoreWrite } from '@virtkit/core/store';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '@virtkit/core';
import { failuresOf, storeConformance } from '../../src/store/index.js';
import { allStoreRules } from '../../src/store/rules/all-store-rules.js';

type Method = Exclude<keyof ComputeStore, 'close'>;
type Wrong = (right: (...args: readonly never[]) => Promise<unknown>, ...args: readonly never[]) => Promise<unknown>;

/** A way in which stores are wrong, and a rule that must catch it. */
interface BrokenStore {
  readonly fault: string;
  readonly damage: (store: MemoryStore) => void;
  readonly caughtBy: string;
}

/** Replaces a method by one that may call the right one. */
function replace(method: keyof ComputeStore, wrong: Wrong): BrokenStore['damage'] {
  return (store) => {
    const methods = store as unknown as Record<string, (...args: readonly never[]) => Promise<unknown>>;
    const right = methods[method]?.bind(store) as Parameters<Wrong>[0];
    methods[method] = (...args) => wrong(right, ...args);
  };
}

/** A store that commits other writes than it was given. */
const commits = (changed: (writes: readonly StoreWrite[]) => readonly StoreWrite[]): BrokenStore['damage'] =>
  replace('commit', (right, writes) => right(changed(writes) as never));

/** A store that answers something else. */
const answers = (method: Method, changed: (value: never) => unknown): BrokenStore['damage'] =>
  replace(method, async (right, ...args) => changed((await right(...args)) as never));

/** A store that looks for something else. */
const asks = (method: Method, changed: (input: never) => unknown): BrokenStore['damage'] =>
  replace(method, (right, input, ...rest) => right(changed(input) as never, ...rest));

const withoutGuardPart = (write: StoreWrite['write'], part: string) =>
  commits((writes) =>
    writes.map((each) =>
      each.write === write && 'guard' in each
        ? ({ ...each, guard: { ...each.guard, [part]: undefined } } as never)
        : each,
    ),
  );

const reversed = (list: readonly unknown[]) => [...list].reverse();

const brokenStores: readonly BrokenStore[] = [
  {
    fault: 'it makes the changes of a unit one by one',
    damage: replace('commit', async (right, writes: readonly StoreWrite[]) => {
      const committed = new Map<string, Instance>();
      for (const write of writes) {
        for (const [uuid, instance] of (await right([write] as never)) as Map<string, Instance>)
          committed.set(uuid, instance);
      }
      return committed;
    }),
    caughtBy: 'a unit is refused with INSTANCE_NOT_FOUND and leaves nothing when an instance it updates is not there',
  },
  {
    fault: 'it does not look at sessions',
    damage: commits((writes) => writes.filter(({ write }) => write !== 'require-session')),
    caughtBy: 'a unit is refused with SESSION_LOST and leaves nothing when its session was taken over',
  },
  {
    fault: 'it takes every host for dead',
    damage: commits((writes) => writes.filter(({ write }) => write !== 'require-no-session')),
    caughtBy: 'a unit is refused with HOST_TAKEN and leaves nothing when a host is looked after that it takes for dead',
  },
  {
    fault: 'it does not look at the task state',
    damage: withoutGuardPart('update-instance', 'taskState'),
    caughtBy: 'of many who want an instance at once, exactly one gets it',
  },
  {
    fault: 'it does not look at the task owner',
    damage: withoutGuardPart('update-instance', 'taskOwner'),
    caughtBy: 'a unit is refused with UNEXPECTED_TASK_STATE and leaves nothing when an instance has another task owner',
  },
  {
    fault: 'it does not look at the host',
    damage: withoutGuardPart('update-instance', 'host'),
    caughtBy: 'a unit is refused with UNEXPECTED_TASK_STATE and leaves nothing when an instance is on another host',
  },
  {
    fault: 'it does not look at the vm state',
    damage: withoutGuardPart('update-instance', 'vmState'),
    caughtBy: 'a condition that held at the beginning of a unit and no longer does where it stands refuses the unit',
  },
  {
    fault: 'it does not look at the state of an action',
    damage: withoutGuardPart('update-action', 'state'),
    caughtBy: 'a unit is refused with UNEXPECTED_ACTION_STATE and leaves nothing when an action is in another state',
  },
  {
    fault: 'it does not look at the epoch of an action',
    damage: withoutGuardPart('update-action', 'epoch'),
    caughtBy:
      'a unit is refused with UNEXPECTED_ACTION_STATE and leaves nothing when an action was claimed in another epoch',
  },
  {
    fault: 'it forgets idempotency keys',
    damage: commits((writes) =>
      writes.map((each) =>
        each.write === 'create-action' ? { ...each, action: { ...each.action, idempotencyKey: null } } : each,
      ),
    ),
    caughtBy: 'of many requests with one idempotency key at once, exactly one is accepted',
  },
  {
    fault: 'it keeps idempotency keys of all projects in one pot',
    damage: asks('findAction', (key: object) => ({ ...key, projectId: 'acme' })),
    caughtBy: 'an idempotency key names one action of its project, and none of another',
  },
  {
    fault: 'it makes keys lower case',
    damage: asks('findAction', (key: { idempotencyKey: string }) => ({
      ...key,
      idempotencyKey: key.idempotencyKey.toLowerCase(),
    })),
    caughtBy: 'an idempotency key names one action of its project, and none of another',
  },
  {
    fault: 'it answers a commit with nothing',
    damage: answers('commit', () => new Map()),
    caughtBy: 'a unit answers with the instances it changed, as they are now, and with no others',
  },
  {
    fault: 'it answers before it has committed',
    damage: (store) => {
      const right = store.commit.bind(store);
      store.commit = async (writes) => {
        setTimeout(() => void right(writes).catch(() => {}), 5);
        return await Promise.resolve(new Map<string, Instance>());
      };
    },
    caughtBy: 'a reader who asks after a commit has resolved sees it, while others commit',
  },
  {
    fault: 'it refuses a foreign way',
    damage: replace('getMigration', () => Promise.reject(new Error('no row'))),
    caughtBy: 'a migration is read as it was put last, and one that is not there is MIGRATION_NOT_FOUND',
  },
  {
    fault: 'it lets a second holder in',
    damage: asks('openSession', (request: object) => ({ ...request, takeOver: 'at-once' })),
    caughtBy: 'of many who ask for a host at once, exactly one gets it',
  },
  {
    fault: 'it takes nobody over at once',
    damage: asks('openSession', (request: object) => ({ ...request, takeOver: 'when-expired' })),
    caughtBy: 'who knows that nobody else looks after a host takes it over at once, and so does the same holder',
  },
  {
    fault: 'it says that expired sessions last',
    damage: answers('getSession', (seen: object | undefined) => seen && { ...seen, lease: 'lasting' }),
    caughtBy: 'a session begins with epoch 1 and lasts for its lease, by the clock of the store',
  },
  {
    fault: 'it renews what was taken over',
    damage: (store) => {
      const right = store.renewSession.bind(store);
      store.renewSession = (session, leaseMs) => right(session, leaseMs).catch(() => session);
    },
    caughtBy: 'a session that was taken over is not renewed, and its successor does not notice',
  },
  {
    fault: 'it closes nothing',
    damage: replace('closeSession', () => Promise.resolve()),
    caughtBy: 'closing a session ends its lease, again and again',
  },
  {
    fault: 'it lists instances as they come',
    damage: answers('listInstances', reversed),
    caughtBy: 'listInstances lists every instance in the order of uuids, without the deleted ones',
  },
  {
    fault: 'it forgets the host of a query',
    damage: asks('listInstances', ({ host: _, ...query }: { host?: string }) => query),
    caughtBy: 'listInstances keeps to host, project, vm states and task state, and to all of them together',
  },
  {
    fault: 'its pages begin with the last one of the page before',
    damage: asks('listInstances', ({ afterUuid: _, ...query }: { afterUuid?: string }) => query),
    caughtBy: 'read page by page, listInstances gives every instance once',
  },
  {
    fault: 'it does not find deleted instances',
    damage: (store) => {
      const right = store.getInstance.bind(store);
      store.getInstance = async (uuid) => {
        const instance = await right(uuid);
        if (instance.vmState === 'deleted') throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
        return instance;
      };
    },
    caughtBy: 'listInstances finds an instance by what it is now, not by what it was',
  },
  ...(
    [
      ['listActions', 'listActions lists the actions of one instance, newest first'],
      [
        'listUnfinishedActions',
        'listUnfinishedActions lists what is queued or running for a host, urgent ones first, then as they were accepted',
      ],
      ['listEvents', 'listEvents lists the steps of one action in the order they started, each as it was put last'],
      ['listFaults', 'listFaults lists every fault of one instance, newest first, each as it was put last'],
      [
        'listMigrations',
        'listMigrations lists newest first, by instance, by either host and by status, and by all of them together',
      ],
      [
        'listNotifications',
        'notifications have rising sequences in the order they were appended, and each instance counts its own from 1',
      ],
    ] as const
  ).map(([method, caughtBy]) => ({
    fault: `${method} is the wrong way round`,
    damage: answers(method, reversed),
    caughtBy,
  })),
  {
    fault: 'it appends a notification again',
    damage: commits((writes) =>
      writes.map((each) =>
        each.write === 'append-notification'
          ? { ...each, notification: { ...each.notification, id: globalThis.crypto.randomUUID() } }
          : each,
      ),
    ),
    caughtBy:
      'a notification that is appended again is left out, in the same unit and in another, and no number is lost',
  },
  {
    fault: 'it ignores the request of a query for notifications',
    damage: asks('listNotifications', ({ requestId: _, ...query }: { requestId?: string }) => query),
    caughtBy: 'listNotifications reads on from a sequence, for all, for one instance and for one request',
  },
  {
    fault: 'it finds tokens that have expired',
    damage: (store) => {
      const known = new Map<string, never>();
      const right = store.commit.bind(store);
      store.commit = (writes) => {
        for (const write of writes) {
          if (write.write === 'put-console-token')
            known.set(write.token.tokenHash, Object.freeze(write.token) as never);
        }
        return right(writes);
      };
      store.findConsoleToken = (tokenHash) => Promise.resolve(known.get(tokenHash));
    },
    caughtBy: 'a console token is found by its hash until it expires, by the clock of the store',
  },
  {
    fault: 'it gives instances without their brand',
    damage: answers('getInstance', (instance: Instance) => Object.freeze(JSON.parse(JSON.stringify(instance)))),
    caughtBy: 'instances are read as they were written: every character, number, null and missing field',
  },
  {
    fault: 'it stores what is missing as null',
    damage: answers('listNotifications', (list: readonly { payload: object }[]) =>
      list.map((each) => Object.freeze({ ...each, payload: { vmState: null, ...each.payload } })),
    ),
    caughtBy: 'notifications are read as they were written: every character, number, null and missing field',
  },
  {
    fault: 'it cuts texts at NUL',
    damage: answers('listFaults', (list: readonly { message: string }[]) =>
      list.map((each) => Object.freeze({ ...each, message: each.message.replace(/\0.*/su, '') })),
    ),
    caughtBy: 'faults are read as they were written: every character, number, null and missing field',
  },
  {
    fault: 'it gives away records that can be changed',
    damage: answers('listEvents', (list: readonly object[]) => list.map((each) => ({ ...each }))),
    caughtBy: 'what a store answers is frozen',
  },
  {
    fault: 'it does not wait when it closes',
    damage: (store) => {
      const right = store.commit.bind(store);
      store.commit = async (writes) => {
        const committed = await right(writes);
        await new Promise((resolve) => setImmediate(resolve));
        return committed;
      };
    },
    caughtBy: 'close waits for what is being committed',
  },
  {
    fault: 'it goes on reading when it is closed',
    damage: replace('listFaults', () => Promise.resolve([])),
    caughtBy: 'listFaults of a closed store rejects with STORE_UNAVAILABLE',
  },
  {
    fault: 'it closes once only',
    damage: (store) => {
      let isClosed = false;
      const right = store.close.bind(store);
      store.close = () => {
        if (isClosed) return Promise.reject(new ComputeError('STORE_UNAVAILABLE', {}));
        isClosed = true;
        return right();
      };
    },
    caughtBy: 'close may be called again and again, also while it closes',
  },
];

/** Whether the rule that must catch it does. The others are left out: hundreds of runs, and many fail too. */
async function isCaught({ damage, caughtBy }: BrokenStore): Promise<boolean> {
  const unprovenBecause = 'its records die with the process';
  const failures = await failuresOf(({ describe: group, it: define }) =>
    storeConformance(
      { describe: group, it: (name, run) => (name === caughtBy ? define(name, run) : undefined) },
      {
        createStore({ now }) {
          const store = new MemoryStore({ now });
          damage(store);
          return store;
        },
        troubles: { reopen: { unprovenBecause }, kill: { unprovenBecause } },
      },
    ),
  );
  return failures.length === 1;
}

describe('a store is caught when', () => {
  for (const broken of brokenStores) {
    it(broken.fault, async () => {
      expect(await isCaught(broken)).toBe(true);
    });
  }
});

it('the table of broken stores names only rules that there are', () => {
  const names = new Set(allStoreRules.map(({ name }) => name));
  expect(brokenStores.filter(({ caughtBy }) => !names.has(caughtBy))).toEqual([]);
});
