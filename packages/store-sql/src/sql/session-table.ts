import {
  ComputeError,
  isComputeError,
  type HostSession,
  type SessionRequest,
  type SessionSeen,
} from '@virtkit/core/store';
import type { ActionTable } from './action-table.js';
import { parseRecord } from './decode-record.js';
import { keyText } from './key-text.js';
import type { RecordRow, SqlConnection } from './sql-connection.js';

/** More sessions than a host opens in its life without claiming an action in one. */
const EPOCHS_SKIPPED = 1_000_000;

/** Who looks after which host: the last session of each. */
export class SessionTable {
  readonly #sql: SqlConnection;
  readonly #actions: ActionTable;

  constructor(sql: SqlConnection, actions: ActionTable) {
    this.#sql = sql;
    this.#actions = actions;
  }

  async see(host: string, nowMs: number): Promise<SessionSeen | undefined> {
    const session = await this.#find(host);
    return session && { session, lease: session.leaseUntilMs > nowMs ? 'lasting' : 'expired' };
  }

  /** @throws ComputeError `SESSION_LOST` */
  async require(host: string, epoch: number): Promise<void> {
    const session = await this.#find(host);
    if (session?.epoch !== epoch) throw new ComputeError('SESSION_LOST', {});
  }

  /** @throws ComputeError `HOST_TAKEN` */
  async open({ host, holder, leaseMs, takeOver, epochMin = 1 }: SessionRequest, nowMs: number): Promise<HostSession> {
    const last = await this.#find(host);
    const lastsMs = (last?.leaseUntilMs ?? 0) - nowMs;
    if (lastsMs > 0 && last?.holder !== holder && takeOver !== 'at-once') {
      throw new ComputeError('HOST_TAKEN', { retryAfterMs: lastsMs });
    }
    const epoch = Math.max((last?.epoch ?? 0) + 1, epochMin);
    return await this.#put({ host, epoch, holder, leaseUntilMs: nowMs + leaseMs });
  }

  /** @throws ComputeError `SESSION_LOST` */
  async renew(session: HostSession, leaseMs: number, nowMs: number): Promise<HostSession> {
    await this.require(session.host, session.epoch);
    return await this.#put({ ...session, leaseUntilMs: nowMs + leaseMs });
  }

  async close(session: HostSession, nowMs: number): Promise<void> {
    const last = await this.#find(session.host);
    if (last?.epoch === session.epoch) await this.#put({ ...last, leaseUntilMs: nowMs });
  }

  /**
   * Ends every session, for a database that only one process can have open: whoever held one is dead. The clock may be behind after a
   * reboot, hence the beginning of all time and not now.
   */
  async endAll(): Promise<void> {
    for (const { record } of await this.#sql.all<RecordRow>('select record from sessions', [])) {
      const session = sound(record);
      if (session) await this.#put({ ...session, leaseUntilMs: 0 });
    }
  }

  async #find(host: string): Promise<HostSession | undefined> {
    const statement = `select record from sessions where host = ? ${this.#sql.dialect.forUpdate}`;
    const row = await this.#sql.get<RecordRow>(statement, [keyText(host)]);
    if (!row) return undefined;
    const session = sound(row.record, host);
    if (session) return session;
    // Nobody can hold a session that nobody can read. The next epoch must be higher than any that a process may still know.
    const epoch = (await this.#actions.highestEpochOf(host)) + EPOCHS_SKIPPED;
    return { host, holder: 'unknown', epoch, leaseUntilMs: 0 };
  }

  async #put(session: HostSession): Promise<HostSession> {
    await this.#sql.run(
      'insert into sessions (host, record) values (?, ?) on conflict (host) do update set record = excluded.record',
      [keyText(session.host), JSON.stringify(session)],
    );
    return session;
  }
}

/** `undefined` for a damaged record. */
function sound(record: string, host?: string): HostSession | undefined {
  try {
    return parseRecord<HostSession>('session', record, host);
  } catch (failure) {
    if (isComputeError(failure, 'RECORD_DAMAGED')) return undefined;
    throw failure;
  }
}
