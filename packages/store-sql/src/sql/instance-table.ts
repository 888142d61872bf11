import {
  checkInstanceGuard,
  ComputeError,
  instanceFromFields,
  nextInstance,
  type Instance,
  type InstanceFields,
  type InstanceGuard,
  type InstancePatch,
  type InstanceQuery,
} from '@virtkit/core/store';
import { parseRecord } from './decode-record.js';
import { keyText, keyTextOrNull } from './key-text.js';
import type { RecordRow, SqlConnection, SqlValue } from './sql-connection.js';
import { WhereClause } from './where-clause.js';

const COUNT_MAX = Number.MAX_SAFE_INTEGER;

/** As many values as any database takes in one statement. */
const DAMAGED_COUNT_MAX = 10_000;

export interface InstanceRow extends RecordRow {
  readonly uuid: string;
  readonly projectId: string;
  readonly host: string | null;
  readonly vmState: string;
  readonly taskState: string | null;
  /** How much it still has to give back; `null`: nothing. */
  readonly pendingReleases: number | null;
}

/** The instances, deleted ones too. */
export class InstanceTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async find(uuid: string): Promise<string | undefined> {
    const row = await this.#sql.get<RecordRow>('select record from instances where uuid = ?', [keyText(uuid)]);
    return row?.record;
  }

  /** Whose it is, also where its record is damaged. */
  async projectOf(uuid: string): Promise<string | undefined> {
    const statement = 'select project_id as "projectId" from instances where uuid = ?';
    return (await this.#sql.get<{ readonly projectId: string }>(statement, [keyText(uuid)]))?.projectId;
  }

  /** @param damagedUuids which are left out, so that a page is full unless it is the last */
  async list(query: InstanceQuery, damagedUuids: readonly string[] = []): Promise<readonly string[]> {
    const { host, projectId, vmState, taskState, pendingRelease, afterUuid = '', countMax = COUNT_MAX } = query;
    const where = new WhereClause().and('uuid > ?', keyText(afterUuid));
    if (host !== undefined) where.and('host = ?', keyText(host));
    if (projectId !== undefined) where.and('project_id = ?', keyText(projectId));
    if (taskState !== undefined) where.and('task_state is not null');
    if (pendingRelease !== undefined) where.and('pending_releases is not null');
    if (vmState !== undefined) where.andIn('vm_state', vmState);
    // The indexes by host and by project leave the deleted ones out, which are most of them in the end.
    if (!vmState?.includes('deleted')) where.and(`vm_state <> 'deleted'`);
    if (damagedUuids.length > 0) where.andNotIn('uuid', damagedUuids.slice(0, DAMAGED_COUNT_MAX));
    const statement = `select record from instances ${where.text} order by uuid limit ?`;
    const rows = await this.#sql.all<RecordRow>(statement, [...where.values, countMax]);
    return rows.map(({ record }) => record);
  }

  /** @throws ComputeError `INSTANCE_EXISTS` */
  async create({ uuid, projectId, host, vmState, taskState, pendingReleases, record }: InstanceRow): Promise<void> {
    if ((await this.find(uuid)) !== undefined) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: uuid });
    await this.#sql.run(
      `insert into instances (uuid, project_id, host, vm_state, task_state, pending_releases, record)
        values (?, ?, ?, ?, ?, ?, ?)`,
      [keyText(uuid), keyText(projectId), keyTextOrNull(host), vmState, taskState, pendingReleases, record],
    );
  }

  /**
   * The record as it is afterwards.
   * @throws ComputeError `INSTANCE_NOT_FOUND`, `RECORD_DAMAGED`, `UNEXPECTED_TASK_STATE`, `INSTANCE_INVALID_STATE`
   */
  async update(uuid: string, patch: InstancePatch, guard: InstanceGuard, nowMs: number): Promise<string> {
    const statement = `select record from instances where uuid = ? ${this.#sql.dialect.forUpdate}`;
    const row = await this.#sql.get<RecordRow>(statement, [keyText(uuid)]);
    if (!row) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    const instance = instanceFromFields(parseRecord<InstanceFields>('instance', row.record, uuid));
    checkInstanceGuard(instance, guard);
    const next = nextInstance(instance, patch, nowMs);
    const record = JSON.stringify(next);
    const [columns, values] = changedColumns(instance, next);
    await this.#sql.run(`update instances set ${columns}record = ? where uuid = ?`, [...values, record, keyText(uuid)]);
    return record;
  }
}

/** A column that is set is written in each of its indexes, even to what it was. */
function changedColumns(before: Instance, after: Instance): readonly [columns: string, values: readonly SqlValue[]] {
  let columns = '';
  const values: SqlValue[] = [];
  const set = (column: string, value: SqlValue): void => {
    columns += `${column} = ?, `;
    values.push(value);
  };
  if (after.host !== before.host) set('host', keyTextOrNull(after.host));
  if (after.vmState !== before.vmState) set('vm_state', after.vmState);
  if (after.taskState !== before.taskState) set('task_state', after.taskState);
  const pendingReleases = pendingReleaseCount(after);
  if (pendingReleases !== pendingReleaseCount(before)) set('pending_releases', pendingReleases);
  return [columns, values];
}

/** `null` for none, so that the index holds the others only. */
export function pendingReleaseCount({ pendingRelease = [] }: Pick<Instance, 'pendingRelease'>): number | null {
  return pendingRelease.length > 0 ? pendingRelease.length : null;
}
