import { checkNoSession } from '@virtkit/core/store';
import type { ActionChange, EncodedWrite, InstanceChange } from './encoded-write.js';
import { ActionTable } from './action-table.js';
import { ConsoleTokenTable } from './console-token-table.js';
import { DamagedRecords } from './damaged-records.js';
import { EventTable } from './event-table.js';
import { FaultTable } from './fault-table.js';
import { HostTable } from './host-table.js';
import { InstanceTable } from './instance-table.js';
import { MigrationTable } from './migration-table.js';
import { NotificationTable } from './notification-table.js';
import { SessionTable } from './session-table.js';
import type { SqlConnection } from './sql-connection.js';

/** All tables, and the units that change them. Records are JSON texts here; whoever runs a unit has begun a transaction. */
export class SqlRecords {
  readonly instances: InstanceTable;
  readonly actions: ActionTable;
  readonly events: EventTable;
  readonly faults: FaultTable;
  readonly migrations: MigrationTable;
  readonly consoleTokens: ConsoleTokenTable;
  readonly notifications: NotificationTable;
  readonly hosts: HostTable;
  readonly sessions: SessionTable;
  readonly damaged: DamagedRecords;

  constructor(sql: SqlConnection) {
    this.instances = new InstanceTable(sql);
    this.actions = new ActionTable(sql);
    this.events = new EventTable(sql);
    this.faults = new FaultTable(sql);
    this.migrations = new MigrationTable(sql);
    this.consoleTokens = new ConsoleTokenTable(sql);
    this.notifications = new NotificationTable(sql);
    this.hosts = new HostTable(sql);
    this.sessions = new SessionTable(sql, this.actions);
    this.damaged = new DamagedRecords(sql);
  }

  /**
   * Makes the changes in order; the records of the instances it changed, as they are then.
   * @throws ComputeError as `ComputeStore.commit` does; the caller rolls back
   */
  async applyUnit(writes: readonly EncodedWrite[], nowMs: number): Promise<readonly string[]> {
    const changed = new Map<string, string>();
    for (const write of writes) {
      switch (write.write) {
        case 'require-session':
          await this.sessions.require(write.host, write.epoch);
          break;
        case 'require-no-session':
          checkNoSession(await this.sessions.see(write.host, nowMs), write.epoch, nowMs);
          break;
        case 'create-instance':
          await this.instances.create(write.row);
          changed.set(write.row.uuid, write.row.record);
          break;
        case 'update-instance': {
          const { patch, guard } = JSON.parse(write.change) as InstanceChange;
          changed.set(write.uuid, await this.instances.update(write.uuid, patch, guard, nowMs));
          break;
        }
        case 'create-action':
          await this.actions.create(write.row);
          break;
        case 'update-action': {
          const { patch, guard } = JSON.parse(write.change) as ActionChange;
          await this.actions.update(write.uuid, patch, guard);
          break;
        }
        case 'end-damaged-action':
          await this.actions.endDamaged(write.uuid);
          break;
        case 'put-host':
          await this.hosts.put(write.row);
          break;
        case 'put-event':
          await this.events.put(write.row);
          break;
        case 'put-fault':
          await this.faults.put(write.row);
          break;
        case 'put-migration':
          await this.migrations.put(write.row);
          break;
        case 'put-console-token':
          await this.consoleTokens.put(write.row, nowMs);
          break;
        case 'append-notification':
          await this.notifications.append(write.row);
          break;
      }
    }
    return [...changed.values()];
  }
}
