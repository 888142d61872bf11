import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { Operation } from '../model/operations/operation.js';
import type { RequestContext } from '../model/request-context.js';
import type { StoreWrite } from '../store/store-write.js';
import { operatorFailureOf } from './operator-failure.js';
import { tenantFailureOf } from './tenant-failure.js';

/** How an operation's notification ends: `instance.reboot.start`, then exactly one of the others. */
export type LifecyclePhase = 'start' | 'end' | 'error';

export interface LifecycleNotice {
  readonly operation: Operation;
  readonly phase: LifecyclePhase;
  readonly instance: Instance;
  readonly context: RequestContext;
  readonly host: string;
  readonly nowMs: number;
  readonly failure?: unknown;
}

/** The write that tells of a phase, to be committed together with the state it tells of. */
export function lifecycleNotification(notice: LifecycleNotice): StoreWrite {
  const { operation, phase, instance, context, host, nowMs } = notice;
  const { vmState, taskState } = instance;
  const failed = phase === 'error';
  return {
    write: 'append-notification',
    notification: {
      id: newRecordUuid(),
      eventType: `instance.${operation.notification}.${phase}`,
      priority: failed ? 'ERROR' : 'INFO',
      publisher: `compute:${host}`,
      instanceUuid: instance.uuid,
      requestId: context.requestId,
      occurredAtMs: nowMs,
      payload: { vmState, taskState, ...(failed && { failure: tenantFailureOf(notice.failure) }) },
      operator: failed ? { method: operation.action, args: [], failure: operatorFailureOf(notice.failure) } : null,
    },
  };
}
