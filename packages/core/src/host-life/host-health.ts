import type { Dispatcher } from '../dispatch/dispatcher.js';
import { isComputeError, type CallOptions, type Clock } from '../driver/index.js';
import type { UnknownGuest } from '../model/deviation.js';
import type { HostMode } from '../model/host-record.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { TaskState } from '../model/task-state.js';
import type { HostModeSwitch } from '../records/host-mode.js';
import type { HostTenure } from '../records/host-tenure.js';
import type { Records } from '../records/records.js';
import type { Quarantine } from '../runner/quarantine.js';
import type { HypervisorState } from './hypervisor-contact.js';
import type { ProviderAuditResult } from './provider-audit.js';
import type { TaskHealth } from './periodic-task.js';

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

export interface HostHealthParts {
  readonly host: string;
  readonly mode: HostModeSwitch;
  readonly tenure: HostTenure;
  readonly quarantine: Quarantine;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  readonly clock: Clock;
}

/** What this process knows by itself, and what the records say is being done on the host. */
export async function readHealth(
  { host, mode, tenure, quarantine, dispatcher, records, clock }: HostHealthParts,
  life: Pick<HostHealth, 'state' | 'hypervisor' | 'tasks' | 'firstSync' | 'unknownGuests' | 'providerAudit'>,
  options?: CallOptions,
): Promise<HostHealth> {
  const { held } = tenure;
  const busy = await busyInstances(records, host, options);
  const running = new Map(
    dispatcher.running.map(({ action, sinceMs }) => [action.uuid, { operation: action.operation, sinceMs }]),
  );
  return {
    host,
    mode: mode.mode,
    ...life,
    session: held ? { epoch: held.session.epoch, heldUntilMs: clock.now() + held.forMs } : null,
    store: busy ? 'available' : 'unavailable',
    quarantined: quarantine.instanceUuids,
    busy: (busy ?? []).flatMap((instance) => busyInstance(instance, running)).sort((a, b) => a.sinceMs - b.sinceMs),
  };
}

/** `undefined` while the records cannot be reached: the health of a host is asked for then most of all. */
async function busyInstances(
  records: Records,
  host: string,
  options?: CallOptions,
): Promise<readonly Instance[] | undefined> {
  try {
    return await records.store.listInstances({ host, taskState: 'set' }, options);
  } catch (failure) {
    if (isComputeError(failure, 'STORE_UNAVAILABLE')) return undefined;
    throw failure;
  }
}

function busyInstance(
  { uuid, taskState, taskOwner, updatedAtMs }: Instance,
  running: ReadonlyMap<string, NonNullable<BusyInstance['carriedOut']>>,
): readonly BusyInstance[] {
  if (taskState === null) return [];
  const carriedOut = (taskOwner !== null && running.get(taskOwner)) || null;
  return [{ instanceUuid: uuid, taskState, sinceMs: updatedAtMs, taskOwner, carriedOut }];
}
