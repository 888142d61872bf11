import {
  checkActionGuard,
  ComputeError,
  isFinished,
  type ActionGuard,
  type ActionPatch,
  type ActionState,
  type IdempotencyKey,
  type InstanceAction,
} from '@virtkit/core/store';
import { isDamaged } from './damaged-records.js';
import { parseRecord } from './decode-record.js';
import { keyText, keyTextOrNull } from './key-text.js';
import type { RecordRow, SqlConnection, SqlValue } from './sql-connection.js';

export interface ActionRow extends RecordRow {
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly projectId: string;
  readonly idempotencyKey: string | null;
  readonly host: string;
  readonly state: ActionState;
  readonly priority: InstanceAction['priority'];
}

/** The actions, in the order in which they were accepted: their `position`. */
export class ActionTable {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  async find(uuid: string): Promise<string | undefined> {
    const row = await this.#sql.get<RecordRow>('select record from actions where uuid = ?', [keyText(uuid)]);
    return row?.record;
  }

  async findByKey({ projectId, idempotencyKey }: IdempotencyKey): Promise<string | undefined> {
    const row = await this.#sql.get<RecordRow>(
      'select record from actions where project_id = ? and idempotency_key = ?',
      [keyText(projectId), keyText(idempotencyKey)],
    );
    return row?.record;
  }

  async listOfInstance(instanceUuid: string): Promise<readonly string[]> {
    const statement = 'select record from actions where instance_uuid = ? order by position desc';
    return (await this.#sql.all<RecordRow>(statement, [keyText(instanceUuid)])).map(({ record }) => record);
  }

  async listUnfinished(host: string): Promise<readonly string[]> {
    const rows = await this.#sql.all<RecordRow>(
      'select record from actions where host = ? and unfinished_rank is not null order by unfinished_rank, position',
      [keyText(host)],
    );
    return rows.map(({ record }) => record);
  }

  /** Leaves one out that is there. @throws ComputeError `IDEMPOTENCY_CONFLICT`, `UNEXPECTED_ACTION_STATE` */
  async create(row: ActionRow): Promise<void> {
    const { uuid, instanceUuid, projectId, idempotencyKey, host, state, record } = row;
    if ((await this.find(uuid)) !== undefined) return;
    if (idempotencyKey !== null && (await this.findByKey({ projectId, idempotencyKey })) !== undefined) {
      throw new ComputeError('IDEMPOTENCY_CONFLICT', { idempotencyKey });
    }
    if (state === 'running') await this.#refuseSecond(row);
    await this.#sql.run(
      `insert into actions
        (uuid, instance_uuid, project_id, idempotency_key, host, state, unfinished_rank, record)
        values (?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        keyText(uuid),
        keyText(instanceUuid),
        keyText(projectId),
        keyTextOrNull(idempotencyKey),
        keyText(host),
        state,
        unfinishedRank(row),
        record,
      ],
    );
  }

  /** @throws ComputeError `ACTION_NOT_FOUND`, `RECORD_DAMAGED`, `UNEXPECTED_ACTION_STATE` */
  async update(uuid: string, patch: ActionPatch, guard: ActionGuard): Promise<void> {
    const statement = `select record from actions where uuid = ? ${this.#sql.dialect.forUpdate}`;
    const row = await this.#sql.get<RecordRow>(statement, [keyText(uuid)]);
    if (!row) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid: uuid });
    const action = parseRecord<InstanceAction>('action', row.record, uuid);
    checkActionGuard(action, guard);
    const next = { ...action, ...patch };
    if (next.state === 'running' && action.state !== 'running') await this.#refuseSecond(next);
    const values: SqlValue[] = [];
    let columns = '';
    if (next.host !== action.host) {
      columns += 'host = ?, ';
      values.push(keyText(next.host));
    }
    if (next.state !== action.state) {
      columns += 'state = ?, ';
      values.push(next.state);
    }
    // A column that is set is written in each of its indexes, even to what it was.
    if (unfinishedRank(next) !== unfinishedRank(action)) {
      columns += 'unfinished_rank = ?, ';
      values.push(unfinishedRank(next));
    }
    values.push(JSON.stringify(next), keyText(uuid));
    await this.#sql.run(`update actions set ${columns}record = ? where uuid = ?`, values);
  }

  /** Frees the instance of an action that nobody can read. Its text stays as it is. */
  async endDamaged(uuid: string): Promise<void> {
    const text = await this.find(uuid);
    if (text === undefined || !isDamaged('action', text)) return;
    await this.#sql.run(`update actions set state = 'failed', unfinished_rank = null where uuid = ?`, [keyText(uuid)]);
  }

  /** The highest epoch that an action of a host was claimed in, by those that can be read. */
  async highestEpochOf(host: string): Promise<number> {
    let highest = 0;
    for (const { record } of await this.#sql.all<RecordRow>('select record from actions where host = ?', [
      keyText(host),
    ])) {
      if (!isDamaged('action', record))
        highest = Math.max(highest, parseRecord<InstanceAction>('action', record).epoch ?? 0);
    }
    return highest;
  }

  async #refuseSecond({ uuid, instanceUuid }: Pick<ActionRow, 'uuid' | 'instanceUuid'>): Promise<void> {
    const running = await this.#sql.get<{ readonly uuid: string }>(
      `select uuid from actions where instance_uuid = ? and state = 'running'`,
      [keyText(instanceUuid)],
    );
    if (!running) return;
    throw new ComputeError('UNEXPECTED_ACTION_STATE', {
      actionUuid: uuid,
      expected: ['the only action of its instance that runs'],
      actual: `behind action ${running.uuid}`,
    });
  }
}

/** Urgent ones first; `null` when it has come to its end. */
function unfinishedRank(action: Pick<InstanceAction, 'state' | 'priority'>): number | null {
  if (isFinished(action)) return null;
  return action.priority === 'urgent' ? 0 : 1;
}
