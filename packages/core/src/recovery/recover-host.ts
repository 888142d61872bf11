import { isComputeError, type DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import type { Instance } from '../model/instance.js';
import { readSound } from '../records/read-sound.js';
import type { Records } from '../records/records.js';
import { endInterruptedAction } from './end-interrupted-action.js';
import { recoverInstance, type InstanceRecovery, type RecoveryWays } from './recover-instance.js';
import { setDamagedAside } from './set-damaged-aside.js';
import { discardBegunImage } from './settle-begun-image.js';

export interface HostRecoveryOptions extends RecoveryWays {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly records: Records;
  readonly providers: Providers;
  readonly log: DriverLog;
  /** How many instances are recovered at the same time. Default 8: libvirt's usual share of workers for one client. */
  readonly concurrencyMax?: number;
}

/** What a start has found and done, by instance uuid. */
export type RecoverySummary = { readonly [Way in InstanceRecovery]: readonly string[] };

/**
 * Settles every instance of this host that an earlier process left in the middle of an operation. Each on its own: one that cannot
 * be settled is named in the summary and set aside; it neither stops the host nor the others. Nothing is destroyed that
 * was not asked to be. What is done again goes on in the background: a host does not wait for its slowest instance.
 */
export async function recoverHost(options: HostRecoveryOptions): Promise<RecoverySummary> {
  const { records, host, log, concurrencyMax = 8 } = options;
  const unfinished = await unfinishedInstances(records, host);
  const summary: { [Way in InstanceRecovery]: string[] } = {
    finished: [],
    redone: [],
    'given-up': [],
    'set-aside': [],
  };

  const next = unfinished.values();
  const worker = async (): Promise<void> => {
    for (const instance of next) summary[await recoverSafely(instance, options)].push(instance.uuid);
  };
  await Promise.all(Array.from({ length: concurrencyMax }, worker));
  await closeActions(options);
  for (const uuid of await setDamagedAside(options)) {
    if (!summary['set-aside'].includes(uuid)) summary['set-aside'].push(uuid);
  }
  if (unfinished.length > 0)
    log.warn({ summary }, 'instances were left in the middle of an operation and have been settled');
  return summary;
}

/** Those that an action of this host holds, wherever they are by now, and those of this host that no action holds. */
async function unfinishedInstances(records: Records, host: string): Promise<readonly Instance[]> {
  const here = await records.store.listInstances({ host, taskState: 'set' });
  const found = new Set(here.map(({ uuid }) => uuid));
  const elsewhere: Instance[] = [];
  for (const { uuid, instanceUuid } of await records.store.listUnfinishedActions(host)) {
    if (found.has(instanceUuid)) continue;
    const instance = await readSound(instanceUuid, records);
    if (instance?.taskOwner === uuid) elsewhere.push(instance);
  }
  const own: Instance[] = [];
  for (const instance of here) if (!(await isHeldElsewhere(instance, records, host))) own.push(instance);
  return [...own, ...elsewhere];
}

/** Whether another host's manager is at work on an instance of this one: it leads a move to here. */
async function isHeldElsewhere({ taskOwner }: Instance, records: Records, host: string): Promise<boolean> {
  try {
    return taskOwner !== null && (await records.store.getAction(taskOwner)).host !== host;
  } catch (failure) {
    // What cannot be read is of this host as far as anybody knows, and is set aside when it is recovered.
    if (isComputeError(failure, 'ACTION_NOT_FOUND') || isComputeError(failure, 'RECORD_DAMAGED')) return false;
    throw failure;
  }
}

async function closeActions({ records, providers, host, clock, log }: HostRecoveryOptions): Promise<void> {
  for (const action of await records.store.listUnfinishedActions(host)) {
    try {
      const { taskOwner } = await records.store.getInstance(action.instanceUuid);
      if (taskOwner === action.uuid) continue;
      await discardBegunImage(action, providers);
      await endInterruptedAction(action, { host, records, clock });
    } catch (failure) {
      log.error({ err: failure, action }, 'the record of an action could not be finished');
    }
  }
}

async function recoverSafely(instance: Instance, options: HostRecoveryOptions): Promise<InstanceRecovery> {
  try {
    return await recoverInstance(instance, options);
  } catch (failure) {
    options.log.error(
      { err: failure, instanceUuid: instance.uuid },
      'an instance could not be settled and is set aside',
    );
    options.setAside(instance.uuid);
    return 'set-aside';
  }
}
