import type { TenantFailure } from '../driver/index.js';
import type { OperationName } from './operation-table.js';

export type ActionState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';

/** One accepted request. The durable record of what was asked, by whom, and how it ended. */
export interface InstanceAction {
  readonly uuid: string;
  readonly instanceUuid: string;
  /** Nova's name of the action: `create`, `reboot`, `delete`. */
  readonly name: string;
  readonly operation: OperationName;
  readonly requestId: string;
  readonly userId: string;
  readonly projectId: string;
  readonly state: ActionState;
  readonly acceptedAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Why it did not succeed, as its tenant may read it. The operator reads the fault. */
  readonly failure: TenantFailure | null;
}

/** One step of the manager in an action. */
export interface InstanceActionEvent {
  readonly id: string;
  readonly actionUuid: string;
  readonly instanceUuid: string;
  /** `compute_reboot_instance` */
  readonly name: string;
  readonly startedAtMs: number;
  /** `null` while the step runs. */
  readonly finishedAtMs: number | null;
  readonly result: 'Success' | 'Error' | null;
  readonly failure: TenantFailure | null;
  /** For operators only. */
  readonly operator: { readonly host: string; readonly traceback: string | null };
}
