import type { Clock, DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { buildOf, holderOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';
import { hasOpenSteps, type PendingRelease } from '../model/pending-release.js';
import { vmStates } from '../model/vm-state.js';
import type { Records } from '../records/records.js';
import { openActions, settleSteps } from '../runner/settle-steps.js';
import { mergeSnapshot } from '../runner/step-settlement.js';
import { tidyStoppedGuest } from '../recovery/tidy-stopped-guest.js';
import { reconcile } from '../runner/reconciler.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';

export interface ReleaseSweepOptions {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly lanes: InstanceLanes;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

const AT_ONCE_MAX = 4;

/**
 * Gives back what instances of this host, or of none, still hold because its owner did not answer when it was to be given back; deleted
 * instances too. What its owner does not answer for now either stays on record, and the next sweep asks again.
 */
export async function sweepReleases(options: ReleaseSweepOptions, signal: AbortSignal): Promise<void> {
  const { host, records, lanes } = options;
  const query = { pendingRelease: 'some', vmState: vmStates } as const;
  for await (const page of instancePages(records.store, query, { signal })) {
    const mine = page.filter((each) => each.taskState === null && (each.host === host || each.host === null));
    await inParallel(mine, { countMax: AT_ONCE_MAX, signal }, async ({ uuid: instanceUuid }) => {
      const entry = { instanceUuid, operation: 'give back what is held by', manner: 'wait', signal } as const;
      await lanes.enter(entry, async (turn) => {
        const instance = await records.store.getInstance(instanceUuid, { signal: turn });
        if (instance.taskState === null) await release(await withSteps(instance, options, turn), options, turn);
      });
    });
  }
}

/**
 * The instance with the steps settled that the operations which preempted others have not settled, because they never began. While one of the
 * preempted actions runs, or the driver does not answer, they stay.
 */
async function withSteps(instance: Instance, options: ReleaseSweepOptions, signal: AbortSignal): Promise<Instance> {
  if (!hasOpenSteps(instance)) return instance;
  const { driver, records, log } = options;
  const { uuid } = instance;
  try {
    const actions = await records.store.listActions(uuid, { signal });
    if (actions.some(({ state }) => state === 'running')) return instance;
    const seen = await driver.inspect({ instance }, { signal });
    const { guest } = instance.vmState === 'deleted' ? seen : await tidyStoppedGuest(instance, seen, driver);
    const open = await openActions(uuid, records);
    const { patch, writes } = await settleSteps(instance, open, guest === 'absent' ? 'off' : 'as it was', options);
    const guard = { taskState: [null] };
    const changed = await records.commit([{ write: 'update-instance', uuid, patch, guard }, ...writes]);
    const settled = changed.get(uuid) ?? instance;
    // The preempted operation may have changed the guest.
    await reconcile(options, settled, await driver.inspect({ instance: settled }, { signal }));
    return await records.store.getInstance(uuid, { signal });
  } catch (failure) {
    log.warn({ err: failure, instanceUuid: uuid }, 'steps of preempted actions not settled yet');
    return instance;
  }
}

async function release(instance: Instance, options: ReleaseSweepOptions, signal: AbortSignal): Promise<void> {
  const { records, log } = options;
  const { uuid, pendingRelease = [] } = instance;
  const left: PendingRelease[] = [];
  for (const entry of pendingRelease) {
    if (entry.kind === 'steps') {
      left.push(entry);
      continue;
    }
    try {
      await give(entry, instance, options, signal);
    } catch (failure) {
      log.warn({ err: failure, instanceUuid: uuid, entry }, 'pending release not given back yet');
      left.push(entry);
    }
  }
  if (left.length === pendingRelease.length) return;
  const guard = { taskState: [null] };
  await records.commit([{ write: 'update-instance', uuid, patch: { pendingRelease: left }, guard }]);
}

async function give(
  entry: Exclude<PendingRelease, { kind: 'steps' }>,
  instance: Instance,
  { providers, driver }: ReleaseSweepOptions,
  signal: AbortSignal,
): Promise<void> {
  const options = providerOptions({ signal });
  switch (entry.kind) {
    case 'volume':
      return await providers.volumes.unreserve(entry.volumeId, holderOf(instance, entry.reservationId), options);
    case 'interfaces':
      return await providers.networks.unreserve(buildOf(instance), entry.reservationId, options);
    case 'interface':
      return await providers.networks.release(buildOf(instance), entry.interfaceId, options);
    case 'image':
      return await providers.images.deleteImage(entry.imageId, options);
    case 'volume-snapshot':
      return await mergeSnapshot(instance, entry, { driver, providers }, options);
  }
}
