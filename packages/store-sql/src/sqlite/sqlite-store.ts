import { isAbsolute } from 'node:path';
import {
  addOperatorFacts,
  checkStoreCall,
  ComputeError,
  type CallOptions,
  type CommittedInstances,
  type ComputeStore,
  type ConsoleToken,
  type DamagedRecord,
  type HostRecord,
  type HostSession,
  type IdempotencyKey,
  type Instance,
  type InstanceAction,
  type InstanceActionEvent,
  type InstanceFault,
  type InstanceQuery,
  type Migration,
  type MigrationQuery,
  type Notification,
  type NotificationQuery,
  type RecordKind,
  type SessionRequest,
  type SessionSeen,
  type StoreCall,
  type StoreWrite,
} from '@virtkit/core/store';
import { decodeInstance, decodeMigration, decodeNotification, decodeRecord, frozen } from '../sql/decode-record.js';
import { encodeWrite } from '../sql/encoded-write.js';
import type { NumberedRow } from '../sql/notification-table.js';
import { decodeInSlices } from './decode-in-slices.js';
import { RecentInstances } from './recent-instances.js';
import type { RequestLine } from './request-line.js';
import type { OwnMethod, SoundQuery, StoreMethod } from './store-request.js';

/**
 * Records in one SQLite file, which this store has to itself. What a call has resolved with is on disk.
 *
 * The file is read and written by a thread of its own; here records are only turned into text and back. An aborted signal takes
 * a call back with `ABORTED` as long as it has not been sent; afterwards it is carried out, and answered.
 */
export class SqliteStore implements ComputeStore, AsyncDisposable {
  readonly #line: RequestLine;
  readonly #recent = new RecentInstances();
  /** What lists leave out, as far as it was met. Nothing can mend a record while this store has the file. */
  #damagedUuids: readonly string[] = [];
  #closing: Promise<void> | undefined;

  /** See `openSqliteStore`. */
  constructor(line: RequestLine) {
    this.#line = line;
  }

  async commit(writes: readonly StoreWrite[], { signal }: CallOptions = {}): Promise<CommittedInstances> {
    this.#mustBeOpen();
    checkStoreCall('commit', writes);
    const request = { method: 'commit', writes: writes.map(encodeWrite) } as const;
    return await this.#recent.keep(writes, async () => {
      const records = (await this.#line.ask(request, signal)) as readonly string[];
      return new Map(records.map((record) => decodeInstance(record)).map((instance) => [instance.uuid, instance]));
    });
  }

  async openSession(request: SessionRequest, options?: CallOptions): Promise<HostSession> {
    return frozen(await this.#ask<HostSession>('openSession', request, options));
  }

  async renewSession(session: HostSession, leaseMs: number, options?: CallOptions): Promise<HostSession> {
    return frozen(await this.#ask<HostSession>('renewSession', { session, leaseMs }, options, [session, leaseMs]));
  }

  async closeSession(session: HostSession, options?: CallOptions): Promise<void> {
    await this.#ask('closeSession', session, options);
  }

  async getSession(host: string, options?: CallOptions): Promise<SessionSeen | undefined> {
    return frozen(await this.#ask<SessionSeen | undefined>('getSession', host, options));
  }

  async getHost(host: string, options?: CallOptions): Promise<HostRecord | undefined> {
    return await this.#find('getHost', 'host', host, host, options);
  }

  async listHosts(options?: CallOptions): Promise<readonly HostRecord[]> {
    return await this.#list('listHosts', 'host', null, options);
  }

  async getInstance(uuid: string, options: CallOptions = {}): Promise<Instance> {
    const recent = this.#closing || this.#line.isDead || options.signal?.aborted ? undefined : this.#recent.find(uuid);
    if (recent) return recent;
    const record = await this.#ask<string | undefined>('getInstance', uuid, options);
    if (record === undefined) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    try {
      return decodeInstance(record, uuid);
    } catch (failure) {
      addOperatorFacts(failure, { projectId: await this.#ask<string>('getProject', uuid, options) });
      throw failure;
    }
  }

  async listInstances(query: InstanceQuery, options?: CallOptions): Promise<readonly Instance[]> {
    const list = (): Promise<readonly string[]> => {
      const input: SoundQuery = { query, damagedUuids: this.#damagedUuids };
      return this.#ask('listInstances', input, options, [query]);
    };
    const records = await list();
    const instances = await decodeInSlices(records, (record) => decodeInstance(record));
    if (instances.length === records.length) return instances;
    // A page that is short because of damaged records would be taken for the last one.
    this.#damagedUuids = await this.#ask<readonly string[]>('listDamagedInstances', null, options);
    return await decodeInSlices(await list(), (record) => decodeInstance(record));
  }

  async getAction(uuid: string, options?: CallOptions): Promise<InstanceAction> {
    const record = await this.#ask<string | undefined>('getAction', uuid, options);
    if (record === undefined) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid: uuid });
    return decodeRecord('action', record, uuid);
  }

  async findAction(key: IdempotencyKey, options?: CallOptions): Promise<InstanceAction | undefined> {
    return await this.#find('findAction', 'action', key, undefined, options);
  }

  async listActions(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceAction[]> {
    return await this.#list('listActions', 'action', instanceUuid, options);
  }

  async listUnfinishedActions(host: string, options?: CallOptions): Promise<readonly InstanceAction[]> {
    return await this.#list('listUnfinishedActions', 'action', host, options);
  }

  async listEvents(actionUuid: string, options?: CallOptions): Promise<readonly InstanceActionEvent[]> {
    return await this.#list('listEvents', 'event', actionUuid, options);
  }

  async listFaults(instanceUuid: string, options?: CallOptions): Promise<readonly InstanceFault[]> {
    return await this.#list('listFaults', 'fault', instanceUuid, options);
  }

  async listNotifications(query: NotificationQuery, options?: CallOptions): Promise<readonly Notification[]> {
    const rows = await this.#ask<readonly NumberedRow[]>('listNotifications', query, options);
    return await decodeInSlices(rows, decodeNotification);
  }

  async getMigration(uuid: string, options?: CallOptions): Promise<Migration> {
    const record = await this.#ask<string | undefined>('getMigration', uuid, options);
    if (record === undefined) throw new ComputeError('MIGRATION_NOT_FOUND', { migrationUuid: uuid });
    return decodeMigration(record, uuid);
  }

  async listMigrations(query: MigrationQuery, options?: CallOptions): Promise<readonly Migration[]> {
    const records = await this.#ask<readonly string[]>('listMigrations', query, options);
    return await decodeInSlices(records, (record) => decodeMigration(record));
  }

  async findConsoleToken(tokenHash: string, options?: CallOptions): Promise<ConsoleToken | undefined> {
    return await this.#find('findConsoleToken', 'console token', tokenHash, tokenHash, options);
  }

  async listDamaged(host: string, options?: CallOptions): Promise<readonly DamagedRecord[]> {
    const damaged = await this.#ask<readonly DamagedRecord[]>('listDamaged', host, options);
    const instances = damaged.filter(({ record }) => record === 'instance').map(({ uuid }) => uuid);
    this.#damagedUuids = [...new Set([...this.#damagedUuids, ...instances])];
    return frozen(damaged);
  }

  /**
   * Writes a copy of every record, as they are at one moment, to a new file at this absolute path; it is opened like any other store.
   * Resolves when the copy is on disk; calls that come meanwhile wait. A failed one leaves no file.
   * @throws ComputeError `INVALID_INPUT` when the file is there already or cannot be made, `STORE_UNAVAILABLE`
   */
  async backup(path: string, options?: CallOptions): Promise<void> {
    if (typeof path !== 'string' || !isAbsolute(path)) {
      const value = typeof path === 'string' ? path : typeof path;
      throw new ComputeError('INVALID_INPUT', { field: 'path', value, accepted: 'an absolute path' });
    }
    await this.#ask('backup', path, options);
  }

  /** Also lets go of the file: when it resolves, another store can open it. */
  async close(): Promise<void> {
    this.#closing ??= this.#line.close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #find<Value>(
    method: StoreCall,
    record: RecordKind,
    input: unknown,
    key: string | undefined,
    options?: CallOptions,
  ): Promise<Value | undefined> {
    const text = await this.#ask<string | undefined>(method, input, options);
    return text === undefined ? undefined : decodeRecord(record, text, key);
  }

  async #list<Value>(
    method: StoreCall,
    record: RecordKind,
    input: unknown,
    options?: CallOptions,
  ): Promise<readonly Value[]> {
    const texts = await this.#ask<readonly string[]>(method, input, options);
    return await decodeInSlices(texts, (text) => decodeRecord<Value>(record, text));
  }

  /** `values` are the arguments of the method, where they are not the input itself. */
  async #ask<Value>(
    method: Exclude<StoreMethod, 'close'>,
    input: unknown,
    { signal }: CallOptions = {},
    values: readonly unknown[] = [input],
  ): Promise<Value> {
    this.#mustBeOpen();
    if (isOfPort(method)) checkStoreCall(method, ...values);
    const request = { method: method as Exclude<StoreMethod, 'commit'>, input: JSON.stringify(input) };
    return (await this.#line.ask(request, signal)) as Value;
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new ComputeError('STORE_UNAVAILABLE', {}, { effect: 'none' });
  }
}

const ownMethods: readonly string[] = ['backup', 'getProject', 'listDamagedInstances'] satisfies readonly OwnMethod[];

function isOfPort(method: Exclude<StoreMethod, 'close'>): method is StoreCall {
  return !ownMethods.includes(method);
}
