import assert from 'node:assert/strict';
import type { ComputeStore, StoreWrite } from '@virtkit/core/store';
import { sampleRecords } from '../sample-records.js';
import { notificationsIn, refusal } from './expect-store.js';

/** One write of every kind that makes a record, all of one instance, and a look whether they are there. */
export interface EveryWrite {
  readonly instanceUuid: string;
  readonly writes: readonly StoreWrite[];
  /** Every record is in the store, exactly as it was written. */
  allAreIn(store: ComputeStore): Promise<void>;
  noneIsIn(store: ComputeStore): Promise<void>;
}

export function everyWrite(): EveryWrite {
  const instance = sampleRecords.instance();
  const { uuid: instanceUuid, projectId } = instance;
  const idempotencyKey = `key of ${instanceUuid}`;
  const action = sampleRecords.action({ instanceUuid, projectId, idempotencyKey });
  const event = sampleRecords.event({ instanceUuid, actionUuid: action.uuid });
  const fault = sampleRecords.fault({ instanceUuid, actionUuid: action.uuid });
  const migration = sampleRecords.migration({ instanceUuid });
  const token = sampleRecords.consoleToken({ instanceUuid });
  const host = sampleRecords.host();
  const notification = sampleRecords.notification({ instanceUuid });

  const present = async (store: ComputeStore) => ({
    action: await store.findAction({ projectId, idempotencyKey }),
    actions: await store.listActions(instanceUuid),
    events: await store.listEvents(action.uuid),
    faults: await store.listFaults(instanceUuid),
    migrations: await store.listMigrations({ instanceUuid }),
    host: await store.getHost(host.host),
    token: await store.findConsoleToken(token.tokenHash),
    notifications: (await notificationsIn(store, instanceUuid)).map(({ sequence: _, ...rest }) => rest),
  });

  return {
    instanceUuid,
    writes: [
      { write: 'create-instance', instance },
      { write: 'create-action', action },
      { write: 'put-event', event },
      { write: 'put-fault', fault },
      { write: 'put-migration', migration },
      { write: 'put-host', host },
      { write: 'put-console-token', token },
      { write: 'append-notification', notification },
    ],
    async allAreIn(store) {
      assert.deepEqual(await store.getInstance(instanceUuid), instance);
      assert.deepEqual(await store.getAction(action.uuid), action);
      assert.deepEqual(await store.getMigration(migration.uuid), migration);
      assert.deepEqual(await present(store), {
        action,
        actions: [action],
        events: [event],
        faults: [fault],
        migrations: [migration],
        host,
        token,
        notifications: [{ ...notification, instanceSequence: 1 }],
      });
    },
    async noneIsIn(store) {
      await refusal(store.getInstance(instanceUuid), 'INSTANCE_NOT_FOUND');
      await refusal(store.getAction(action.uuid), 'ACTION_NOT_FOUND');
      await refusal(store.getMigration(migration.uuid), 'MIGRATION_NOT_FOUND');
      assert.deepEqual(
        await present(store),
        {
          action: undefined,
          actions: [],
          events: [],
          faults: [],
          migrations: [],
          host: undefined,
          token: undefined,
          notifications: [],
        },
        'Something of a unit is there that was not committed.',
      );
    },
  };
}
