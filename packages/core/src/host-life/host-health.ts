import type { Dispatcher } from '../dispatch/dispatcher.js';
import { isComputeError, type CallOptions, type Clock } from '../driver/index.js';
import type { BusyInstance, HostHealth } from '../model/host-health.js';
import type { Instance } from '../model/instance.js';
import type { HostModeSwitch } from '../records/host-mode.js';
import type { HostTenure } from '../records/host-tenure.js';
import type { Records } from '../records/records.js';
import type { Quarantine } from '../runner/quarantine.js';

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
