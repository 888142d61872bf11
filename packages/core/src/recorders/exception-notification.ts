import { newRecordUuid } from '../model/new-record-uuid.js';
import type { NewNotification } from '../model/notification.js';
import { operatorFailureOf } from './operator-failure.js';
import { tenantFailureOf } from './tenant-failure.js';

export interface FailedCall {
  readonly host: string;
  /** `Class.method`, or the name of the action where no method ran. */
  readonly method: string;
  /** Redacted. */
  readonly args: readonly unknown[];
  readonly failure: unknown;
  readonly instanceUuid?: string | undefined;
  readonly requestId?: string | undefined;
  readonly occurredAtMs: number;
}

/** What operators are told of a failed operation, once each. */
export function exceptionNotification(call: FailedCall): NewNotification {
  const { host, method, args, failure, instanceUuid = null, requestId = null, occurredAtMs } = call;
  return {
    id: newRecordUuid(),
    eventType: 'compute.exception',
    priority: 'ERROR',
    publisher: `compute:${host}`,
    instanceUuid,
    requestId,
    occurredAtMs,
    payload: { failure: tenantFailureOf(failure) },
    operator: { method, args, failure: operatorFailureOf(failure) },
  };
}
