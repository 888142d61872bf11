import {
  ComputeError,
  type ActionGuard,
  type ActionPatch,
  type InstanceGuard,
  type InstancePatch,
  type StoreWrite,
} from '@virtkit/core/store';
import type { ActionRow } from './action-table.js';
import type { ConsoleTokenRow } from './console-token-table.js';
import type { EventRow } from './event-table.js';
import type { FaultRow } from './fault-table.js';
import type { HostRow } from './host-table.js';
import { pendingReleaseCount, type InstanceRow } from './instance-table.js';
import type { MigrationRow } from './migration-table.js';
import type { NotificationRow } from './notification-table.js';

/** A write as it crosses to the database: texts and numbers, which are cheap to send to another thread. */
export type EncodedWrite =
  | { readonly write: 'require-session'; readonly host: string; readonly epoch: number }
  | { readonly write: 'require-no-session'; readonly host: string; readonly epoch: number | null }
  | { readonly write: 'create-instance'; readonly row: InstanceRow }
  | { readonly write: 'update-instance'; readonly uuid: string; readonly change: string }
  | { readonly write: 'create-action'; readonly row: ActionRow }
  | { readonly write: 'update-action'; readonly uuid: string; readonly change: string }
  | { readonly write: 'end-damaged-action'; readonly uuid: string }
  | { readonly write: 'put-host'; readonly row: HostRow }
  | { readonly write: 'put-event'; readonly row: EventRow }
  | { readonly write: 'put-fault'; readonly row: FaultRow }
  | { readonly write: 'put-migration'; readonly row: MigrationRow }
  | { readonly write: 'put-console-token'; readonly row: ConsoleTokenRow }
  | { readonly write: 'append-notification'; readonly row: NotificationRow };

/** What a `change` says, in JSON. */
export interface InstanceChange {
  readonly patch: InstancePatch;
  readonly guard: InstanceGuard;
}
export interface ActionChange {
  readonly patch: ActionPatch;
  readonly guard: ActionGuard;
}

/** @throws ComputeError `INVALID_INPUT` for what JSON cannot say */
export function encodeWrite(write: StoreWrite): EncodedWrite {
  try {
    return encoded(write);
  } catch (cause) {
    const details = { field: write.write, value: 'a value that has no JSON', accepted: 'what JSON can say' };
    throw new ComputeError('INVALID_INPUT', details, { cause });
  }
}

function encoded(write: StoreWrite): EncodedWrite {
  switch (write.write) {
    case 'require-session':
      return { write: write.write, host: write.host, epoch: write.epoch };
    case 'require-no-session':
      return { write: write.write, host: write.host, epoch: write.epoch };
    case 'create-instance': {
      const { uuid, projectId, host, vmState, taskState } = write.instance;
      const record = JSON.stringify(write.instance);
      const pendingReleases = pendingReleaseCount(write.instance);
      return { write: write.write, row: { uuid, projectId, host, vmState, taskState, pendingReleases, record } };
    }
    case 'update-instance':
    case 'update-action': {
      const { patch, guard } = write;
      return { write: write.write, uuid: write.uuid, change: JSON.stringify({ patch, guard }) };
    }
    case 'create-action': {
      const { uuid, instanceUuid, projectId, idempotencyKey, host, state, priority } = write.action;
      const record = JSON.stringify(write.action);
      const row = { uuid, instanceUuid, projectId, idempotencyKey, host, state, priority, record };
      return { write: write.write, row };
    }
    case 'end-damaged-action':
      return { write: write.write, uuid: write.uuid };
    case 'put-host': {
      const { host } = write.host;
      return { write: write.write, row: { host, record: JSON.stringify(write.host) } };
    }
    case 'put-event': {
      const { id, actionUuid } = write.event;
      return { write: write.write, row: { id, actionUuid, record: JSON.stringify(write.event) } };
    }
    case 'put-fault': {
      const { uuid, instanceUuid } = write.fault;
      return { write: write.write, row: { uuid, instanceUuid, record: JSON.stringify(write.fault) } };
    }
    case 'put-migration': {
      const { uuid, instanceUuid, sourceHost, destinationHost, status } = write.migration;
      const record = JSON.stringify(write.migration);
      return { write: write.write, row: { uuid, instanceUuid, sourceHost, destinationHost, status, record } };
    }
    case 'put-console-token': {
      const { tokenHash, expiresAtMs } = write.token;
      return { write: write.write, row: { tokenHash, expiresAtMs, record: JSON.stringify(write.token) } };
    }
    case 'append-notification': {
      const { id, instanceUuid, requestId } = write.notification;
      const record = JSON.stringify(write.notification);
      return { write: write.write, row: { id, instanceUuid, requestId, record } };
    }
  }
}
