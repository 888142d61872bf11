import type { PowerState, TenantFailure } from '../driver/index.js';
import type { OperatorFailure } from './instance-fault.js';
import type { TaskState } from './task-state.js';
import type { VmState } from './vm-state.js';

/**
 * What the manager tells the world of an instance, in the order it happened. `instance.<action>.start` is followed by
 * exactly one of `.end` and `.error`; a failing operation adds one `compute.exception`, unless its caller is at fault.
 */
export interface Notification {
  readonly id: string;
  /** Given by the store: rises by at least 1 from one notification to the next. */
  readonly sequence: number;
  /** Given by the store: counts the notifications of one instance from 1, without gaps. `null` for those of none. */
  readonly instanceSequence: number | null;
  readonly eventType: string;
  readonly priority: 'INFO' | 'ERROR';
  /** `compute:<host>` */
  readonly publisher: string;
  readonly instanceUuid: string | null;
  readonly requestId: string | null;
  readonly occurredAtMs: number;
  /** Fit for a tenant. */
  readonly payload: NotificationPayload;
  /** For operators only; `null` when there is nothing more to say. */
  readonly operator: NotificationOperatorPart | null;
}

export type NewNotification = Omit<Notification, 'sequence' | 'instanceSequence'>;

export interface NotificationPayload {
  readonly vmState?: VmState;
  readonly taskState?: TaskState | null;
  /** What the guest was seen as, where that is the news. */
  readonly powerState?: PowerState;
  readonly failure?: TenantFailure;
  /** In what a record and a provider differ: `volume … not on record`, with the device's id. */
  readonly difference?: string;
  /** Whether the host has mended the difference, or left it for operators. */
  readonly reaction?: 'mended' | 'left';
}

export interface NotificationOperatorPart {
  readonly method: string;
  /** Redacted by type and by key. */
  readonly args: readonly unknown[];
  readonly failure: OperatorFailure;
}
