import { duration, listOf, nullOr, oneOf, only, optional, shape, text, whole, type Check } from './argument-checks.js';
import type { ComputeStore } from './compute-store.js';
import type { StoreWrite } from './store-write.js';

/**
 * Refuses arguments that a method of {@link ComputeStore} does not take: a number where a uuid belongs, a query with an unknown field.
 * Every store calls it first, so that a mistake of the caller is told from a failure of the store, which is tried again.
 * @throws ComputeError `INVALID_INPUT`, effect `none`
 */
export function checkStoreCall(method: StoreCall, ...values: readonly unknown[]): void {
  for (const [index, [name, check]] of argumentsOf[method].entries()) check(values[index], name);
}

/** The methods that take arguments. */
export type StoreCall = Exclude<keyof ComputeStore, 'close'>;

const textOrNull = nullOr(text);
const labels = listOf(text);
const session = shape({ host: text, holder: text, epoch: whole });
const record = shape({});
const guard = shape({ state: optional(labels), vmState: optional(labels), taskState: optional(listOf(textOrNull)) });

/** What the records of each kind are found by. Their other fields are the writer's affair. */
const writes: Readonly<Record<StoreWrite['write'], Check>> = {
  'require-session': shape({ host: text, epoch: whole }),
  'require-no-session': shape({ host: text, epoch: nullOr(whole) }),
  'create-instance': shape({
    instance: shape({ uuid: text, projectId: text, host: textOrNull, vmState: text, taskState: textOrNull }),
  }),
  'update-instance': shape({ uuid: text, patch: record, guard }),
  'create-action': shape({
    action: shape({
      uuid: text,
      instanceUuid: text,
      projectId: text,
      idempotencyKey: textOrNull,
      host: text,
      state: text,
    }),
  }),
  'update-action': shape({ uuid: text, patch: record, guard }),
  'end-damaged-action': shape({ uuid: text }),
  'put-host': shape({ host: shape({ host: text }) }),
  'put-event': shape({ event: shape({ id: text, actionUuid: text }) }),
  'put-fault': shape({ fault: shape({ uuid: text, instanceUuid: text }) }),
  'put-migration': shape({
    migration: shape({ uuid: text, instanceUuid: text, sourceHost: text, destinationHost: text, status: text }),
  }),
  'put-console-token': shape({ token: shape({ tokenHash: text, expiresAtMs: duration }) }),
  'append-notification': shape({ notification: shape({ id: text, instanceUuid: textOrNull, requestId: textOrNull }) }),
};
const kindOfWrite = shape({ write: oneOf(...Object.keys(writes)) });

function write(value: unknown, field: string): void {
  kindOfWrite(value, field);
  writes[(value as StoreWrite).write](value, field);
}

/** What every method of the port takes before its options, by name and in order. */
const argumentsOf: Readonly<Record<StoreCall, readonly (readonly [name: string, check: Check])[]>> = {
  commit: [['writes', listOf(write)]],
  openSession: [
    [
      'request',
      only({
        host: text,
        holder: text,
        leaseMs: duration,
        takeOver: oneOf('when-expired', 'at-once'),
        epochMin: optional(whole),
      }),
    ],
  ],
  renewSession: [
    ['session', session],
    ['leaseMs', duration],
  ],
  closeSession: [['session', session]],
  getSession: [['host', text]],
  getHost: [['host', text]],
  listHosts: [],
  getInstance: [['uuid', text]],
  listInstances: [
    [
      'query',
      only({
        host: optional(text),
        projectId: optional(text),
        vmState: optional(labels),
        taskState: optional(oneOf('set')),
        pendingRelease: optional(oneOf('some')),
        afterUuid: optional(text),
        countMax: optional(whole),
      }),
    ],
  ],
  getAction: [['uuid', text]],
  findAction: [['key', only({ projectId: text, idempotencyKey: text })]],
  listActions: [['instanceUuid', text]],
  listUnfinishedActions: [['host', text]],
  listEvents: [['actionUuid', text]],
  listFaults: [['instanceUuid', text]],
  listNotifications: [
    ['query', only({ afterSequence: whole, instanceUuid: optional(text), requestId: optional(text), countMax: whole })],
  ],
  getMigration: [['uuid', text]],
  listMigrations: [['query', only({ instanceUuid: optional(text), host: optional(text), status: optional(labels) })]],
  findConsoleToken: [['tokenHash', text]],
  listDamaged: [['host', text]],
};
