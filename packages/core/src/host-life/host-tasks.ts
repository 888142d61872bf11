import type { ResourceClaims } from '../claims/resource-claims.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { supports, type Clock, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Providers } from '../guard/providers.js';
import type { OperationName } from '../model/operation-table.js';
import type { VmState } from '../model/vm-state.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import { ActionSweep } from './action-sweep.js';
import { BuildTimeout } from './build-timeout.js';
import { DeadHostSweep } from './dead-host-sweep.js';
import type { GuestAudit } from './guest-audit.js';
import { keepImageCache } from './image-cache-upkeep.js';
import { sweepImages } from './image-sweep.js';
import type { CheckedLife, PeriodicTaskName } from './life-configuration.js';
import { OverdueInstances } from './overdue-instances.js';
import type { PeriodicTaskDefinition } from './periodic-task.js';
import type { PowerSync } from './power-sync.js';
import type { ProviderAudit } from './provider-audit.js';
import { sweepReleases } from './release-sweep.js';

export interface HostTasksParts {
  readonly host: string;
  readonly life: CheckedLife;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly powerSync: PowerSync;
  readonly guestAudit: GuestAudit;
  readonly providerAudit: ProviderAudit;
  readonly claims: Pick<ResourceClaims, 'audit'>;
  readonly lanes: InstanceLanes;
  readonly acceptance: Acceptance;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

const minute = 60_000;

interface Row {
  readonly firstRun?: 'at-once';
  readonly timeoutMs: number;
  /** 0 turns the task off. */
  readonly afterMs?: number;
  readonly run: PeriodicTaskDefinition['run'];
}

/** Everything a host does now and then. What is asked for by a state that has lasted too long is asked as anybody could ask it. */
export function hostTasks(parts: HostTasksParts): readonly PeriodicTaskDefinition[] {
  const { life, driver, providers, powerSync, guestAudit, providerAudit, claims } = parts;
  const { buildTimeoutMs, rescueTimeoutMs, reclaimAfterMs, confirmResizeAfterMs, shelvedOffloadAfterMs } = life;
  const sweep = new ActionSweep(parts);
  const deadHosts = new DeadHostSweep(parts);
  const builds = new BuildTimeout({ ...parts, buildTimeoutMs });
  const overdue = (vmState: VmState, afterMs: number, operation: OperationName): Row => {
    const instances = new OverdueInstances({ ...parts, vmState, afterMs, operation });
    return { timeoutMs: 30 * minute, afterMs, run: (signal) => instances.run(signal) };
  };
  const rows: { readonly [Name in PeriodicTaskName]: Row } = {
    powerSync: { firstRun: 'at-once', timeoutMs: 10 * minute, run: (signal) => powerSync.syncAll(signal) },
    guestAudit: { firstRun: 'at-once', timeoutMs: 10 * minute, run: (signal) => guestAudit.run(signal) },
    actionSweep: { timeoutMs: minute, run: (signal) => sweep.run(signal) },
    deadHostSweep: { timeoutMs: minute, run: (signal) => deadHosts.run(signal) },
    buildTimeout: { timeoutMs: minute, afterMs: buildTimeoutMs, run: (signal) => builds.run(signal) },
    autoUnrescue: overdue('rescued', rescueTimeoutMs, 'unrescue'),
    reclaim: overdue('soft-delete', reclaimAfterMs, 'terminate'),
    autoConfirmResize: overdue('resized', confirmResizeAfterMs, 'confirmResize'),
    shelvedOffload: overdue('shelved', shelvedOffloadAfterMs, 'shelveOffload'),
    imageCache: {
      timeoutMs: 30 * minute,
      afterMs: supports(driver, 'imageCache') ? 1 : 0,
      run: (signal) => keepImageCache(parts, signal),
    },
    imageSweep: {
      firstRun: 'at-once',
      timeoutMs: 10 * minute,
      afterMs: providers.has('images') ? 1 : 0,
      run: (signal) => sweepImages(parts, signal),
    },
    releaseSweep: {
      firstRun: 'at-once',
      timeoutMs: 10 * minute,
      run: (signal) => sweepReleases(parts, signal),
    },
    providerAudit: {
      firstRun: 'at-once',
      timeoutMs: 10 * minute,
      afterMs: providers.has('volumes') || providers.has('networks') ? 1 : 0,
      run: (signal) => providerAudit.run(signal),
    },
    resourceAudit: { timeoutMs: minute, run: async (signal) => void (await claims.audit({ signal })) },
  };
  return (Object.entries(rows) as [PeriodicTaskName, Row][]).map(([name, { firstRun, timeoutMs, afterMs, run }]) => ({
    name,
    everyMs: afterMs === 0 ? 0 : life.everyMs[name],
    firstRun: firstRun ?? 'at-random',
    timeoutMs,
    run,
  }));
}
