import { isComputeError, type DamagedRecord } from '@virtkit/core/store';
import { parseRecord } from './decode-record.js';
import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

interface FoundRow extends RecordRow {
  readonly uuid: string;
  readonly instanceUuid: string;
}

/** Looks for records that cannot be read. Each is taken apart once, which is why this is asked at a start and not in between. */
export class DamagedRecords {
  readonly #sql: SqlConnection;

  constructor(sql: SqlConnection) {
    this.#sql = sql;
  }

  /** Those of which a host must know: its instances, its unfinished actions, its migrations. */
  async listOfHost(host: string): Promise<readonly DamagedRecord[]> {
    const hostKey = keyText(host);
    const instances = `select uuid, uuid as "instanceUuid", record from instances where host = ? and vm_state <> 'deleted'`;
    const actions = `select uuid, instance_uuid as "instanceUuid", record from actions
      where host = ? and unfinished_rank is not null`;
    const migrations = `select uuid, instance_uuid as "instanceUuid", record from migrations
      where source_host = ? or destination_host = ?`;
    return [
      ...(await this.#among('instance', instances, [hostKey])),
      ...(await this.#among('action', actions, [hostKey])),
      ...(await this.#among('migration', migrations, [hostKey, hostKey])),
    ];
  }

  /** The uuids of all damaged instances, deleted ones too. */
  async instanceUuids(): Promise<readonly string[]> {
    const statement = 'select uuid, uuid as "instanceUuid", record from instances';
    return (await this.#among('instance', statement, [])).map(({ uuid }) => uuid);
  }

  async #among(
    record: DamagedRecord['record'],
    statement: string,
    values: readonly string[],
  ): Promise<readonly DamagedRecord[]> {
    const rows = await this.#sql.all<FoundRow>(statement, values);
    return rows
      .filter(({ uuid, record: text }) => isDamaged(record, text, isPlain(uuid) ? uuid : undefined))
      .map(({ uuid, instanceUuid }) => ({ record, uuid, instanceUuid }));
  }
}

/** Whether a key is the text that it stands for. */
function isPlain(key: string): boolean {
  return !key.includes('%');
}

export function isDamaged(record: DamagedRecord['record'], text: string, uuid?: string): boolean {
  try {
    parseRecord(record, text, uuid);
    return false;
  } catch (failure) {
    if (isComputeError(failure, 'RECORD_DAMAGED')) return true;
    throw failure;
  }
}
