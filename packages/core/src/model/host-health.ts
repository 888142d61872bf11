import type { UnknownGuest } from './deviation.js';
import type { HostMode } from './host-record.js';
import type { OperatorFailure } from './instance-fault.js';
import type { OperationName } from './operation-table.js';
import type { TaskState } from './task-state.js';

/** How a host and its manager are doing. For operators. */
export interface HostHealth {
  readonly host: string;
  readonly mode: HostMode;
  readonly state: 'running' | 'draining' | 'closed';
  /** The right to look after the host, and until when it lasts unless it is renewed; `null` when it is lost or given back. */
  readonly session: { readonly epoch: number; readonly heldUntilMs: number } | null;
  /** While it is unavailable, operations of this host fail, and guests are not compared with their records. */
  readonly hypervisor: HypervisorState;
  /** Whether the records can be reached. While they cannot, nothing is accepted, and `busy` is empty. */
  readonly store: 'available' | 'unavailable';
  readonly tasks: readonly TaskHealth[];
  /** Instances that are set aside until the driver tells what is true of them. */
  readonly quarantined: readonly string[];
  /** Instances that something is being done to, the longest untouched first. */
  readonly busy: readonly BusyInstance[];
  /**
   * Whether every guest was compared with its record since this process began. Until then records may say what was true before; `off`: the
   * configuration compares none.
   */
  readonly firstSync: 'pending' | 'done' | 'off';
  /** Guests that no instance of this host accounts for. */
  readonly unknownGuests: readonly UnknownGuest[];
  /** What the last comparison of records with their providers has found; its failure stands in `tasks`. `null`: none has ended yet. */
  readonly providerAudit: ProviderAuditResult | null;
}

export interface BusyInstance {
  readonly instanceUuid: string;
  readonly taskState: TaskState;
  /** When its record last changed: since then it has stood where it stands. */
  readonly sinceMs: number;
  /** The action or request that holds it. */
  readonly taskOwner: string | null;
  /** What is carried out for it here; `null`: a direct call, an action that waits in the queue, or nobody. */
  readonly carriedOut: { readonly operation: OperationName; readonly sinceMs: number } | null;
}

/** Whether the driver has its hypervisor, and since when it has or has not. */
export interface HypervisorState {
  readonly state: 'available' | 'unavailable';
  readonly sinceMs: number;
}

/** How a periodic task is doing. */
export interface TaskHealth {
  readonly name: string;
  readonly everyMs: number;
  /** `off`: it waits to be hastened. `stuck`: a run was aborted and has not settled; there is no other until it does. */
  readonly state: 'off' | 'resting' | 'running' | 'stuck';
  /** A run that takes longer than it may, or one that should have begun an interval ago. */
  readonly isLate: boolean;
  readonly lastStartedAtMs: number | null;
  readonly lastEndedAtMs: number | null;
  readonly lastFailure: { readonly atMs: number; readonly failure: OperatorFailure } | null;
  /** Runs that failed since the last one that did not. */
  readonly failuresInARow: number;
}

/** What the last comparison of records with their providers has found. */
export interface ProviderAuditResult {
  readonly endedAtMs: number;
  /** How many instances were compared. */
  readonly instances: number;
  /** Of how many a provider or the store did not answer. The next comparison asks again. */
  readonly unanswered: number;
  /** How many deviations there are still, told or to be looked at once more. */
  readonly deviations: number;
  /** How many were mended in this run. */
  readonly mended: number;
}
