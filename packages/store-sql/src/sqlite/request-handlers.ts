import type {
  HostSession,
  IdempotencyKey,
  MigrationQuery,
  NotificationQuery,
  SessionRequest,
} from '@virtkit/core/store';
import type { SqlRecords } from '../sql/sql-records.js';
import { backUp } from './back-up.js';
import type { FileIdentity } from './file-identity.js';
import { closeDatabase } from './open-database.js';
import type { SqliteDatabase } from './sqlite-database.js';
import type { RenewRequest, SoundQuery, StoreMethod, StoreRequest } from './store-request.js';

/** What a request is carried out on. */
export interface RequestGround {
  readonly database: SqliteDatabase;
  readonly records: SqlRecords;
  readonly file: FileIdentity;
  readonly nowMs: number;
}

type Handler<Input> = (ground: RequestGround, input: Input) => unknown;

function handler<Input>(handle: Handler<Input>): Handler<Input> {
  return handle;
}

/** What changes something, and so happens in a transaction. `commit` does too, and has an input of its own. */
const changes = {
  openSession: handler<SessionRequest>(({ records, nowMs }, request) => records.sessions.open(request, nowMs)),
  renewSession: handler<RenewRequest>(({ records, nowMs }, { session, leaseMs }) =>
    records.sessions.renew(session, leaseMs, nowMs),
  ),
  closeSession: handler<HostSession>(({ records, nowMs }, session) => records.sessions.close(session, nowMs)),
};

/** What happens outside of a transaction, after the changes of its group. */
const others = {
  getSession: handler<string>(({ records, nowMs }, host) => records.sessions.see(host, nowMs)),
  getHost: handler<string>(({ records }, host) => records.hosts.find(host)),
  listHosts: handler<null>(({ records }) => records.hosts.list()),
  getInstance: handler<string>(({ records }, uuid) => records.instances.find(uuid)),
  listInstances: handler<SoundQuery>(({ records }, { query, damagedUuids }) =>
    records.instances.list(query, damagedUuids),
  ),
  listDamaged: handler<string>(({ records }, host) => records.damaged.listOfHost(host)),
  getProject: handler<string>(({ records }, instanceUuid) => records.instances.projectOf(instanceUuid)),
  listDamagedInstances: handler<null>(({ records }) => records.damaged.instanceUuids()),
  getAction: handler<string>(({ records }, uuid) => records.actions.find(uuid)),
  findAction: handler<IdempotencyKey>(({ records }, key) => records.actions.findByKey(key)),
  listActions: handler<string>(({ records }, instanceUuid) => records.actions.listOfInstance(instanceUuid)),
  listUnfinishedActions: handler<string>(({ records }, host) => records.actions.listUnfinished(host)),
  listEvents: handler<string>(({ records }, actionUuid) => records.events.list(actionUuid)),
  listFaults: handler<string>(({ records }, instanceUuid) => records.faults.list(instanceUuid)),
  listNotifications: handler<NotificationQuery>(({ records }, query) => records.notifications.list(query)),
  getMigration: handler<string>(({ records }, uuid) => records.migrations.find(uuid)),
  listMigrations: handler<MigrationQuery>(({ records }, query) => records.migrations.list(query)),
  findConsoleToken: handler<string>(({ records, nowMs }, hash) => records.consoleTokens.find(hash, nowMs)),
  backup: handler<string>(({ database }, path) => backUp(database, path)),
  close: handler<null>((ground) => closeDatabase(ground)),
};

const handlers: { readonly [Method in Exclude<StoreMethod, 'commit'>]: Handler<never> } = { ...changes, ...others };

export function isChange({ method }: StoreRequest): boolean {
  return method === 'commit' || method in changes;
}

/** Carries out one request, inside of a transaction if it changes something. */
export async function handle(request: StoreRequest, ground: RequestGround): Promise<unknown> {
  if (request.method === 'commit') return await ground.records.applyUnit(request.writes, ground.nowMs);
  return await handlers[request.method](ground, JSON.parse(request.input) as never);
}
