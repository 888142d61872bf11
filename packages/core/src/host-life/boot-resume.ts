import { isComputeError, type Clock, type DriverLog, type PowerState } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Providers } from '../guard/providers.js';
import { specOf, type Instance } from '../model/instance.js';
import { faultOf } from '../recorders/fault-recorder.js';
import type { Quarantine } from '../runner/quarantine.js';

import { VolumeConnections } from '../peers/volume-connections.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from '../store/instance-pages.js';
import { serviceContext } from './service-context.js';

export interface BootResumeOptions {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly records: Records;
  readonly lanes: InstanceLanes;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** Starting a guest reads disks; a host that has just booted has them cold. */
const AT_ONCE_MAX = 4;
/** Guests of `active` instances in one of these are started again. */
export const startedAgain: readonly PowerState[] = ['SHUTDOWN', 'CRASHED', 'NOSTATE'];

/**
 * Starts again the guests that ran when the host went down: those whose records say `active` and that are off when the manager starts.
 * One that does not start gets a fault and is left as it is, for the power sync to judge.
 */
export class BootResume {
  readonly #options: BootResumeOptions;
  readonly #volumes: VolumeConnections;

  constructor(options: BootResumeOptions) {
    this.#options = options;
    this.#volumes = new VolumeConnections(options);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { host, records } = this.#options;
    for await (const page of instancePages(records.store, { host, vmState: ['active'] }, { signal })) {
      await inParallel(page, { countMax: AT_ONCE_MAX, signal }, (instance) => this.#look(instance, signal));
    }
  }

  async #look(found: Instance, signal: AbortSignal): Promise<void> {
    const { uuid: instanceUuid, taskState } = found;
    const { lanes, quarantine, records, log } = this.#options;
    if (
      taskState !== null ||
      quarantine.holds(instanceUuid) ||
      !startedAgain.includes(await this.#ask(found, signal))
    ) {
      return;
    }
    const entry = { instanceUuid, operation: 'resume', manner: 'wait', signal } as const;
    await lanes.enter(entry, async (turn) => {
      const instance = await records.store.getInstance(instanceUuid, { signal: turn });
      if (instance.taskState !== null || instance.vmState !== 'active') return;
      log.info({ instanceUuid }, 'a guest that ran when the host went down is started again');
      await this.#resume(instance, turn);
    });
  }

  async #resume(instance: Instance, signal: AbortSignal): Promise<void> {
    const { driver, records, clock, log, host } = this.#options;
    const { uuid } = instance;
    try {
      await driver
        .with('resumeOnHostBoot')
        .resumeStateOnHostBoot({ instance: await this.#volumes.connect(specOf(instance), { signal }) }, { signal });
      const guard = { taskState: [null], vmState: ['active' as const] };
      await records.commit([{ write: 'update-instance', uuid, patch: { powerState: 'RUNNING' }, guard }]);
    } catch (failure) {
      log.error({ err: failure, instanceUuid: uuid }, 'a guest could not be started again');
      const context = serviceContext(instance);
      const fault = faultOf({ instance, context, failure, host, occurredAtMs: clock.now() });
      await records.commit([{ write: 'put-fault', fault }]);
    }
  }

  async #ask(guest: GuestRef, signal: AbortSignal): Promise<PowerState> {
    try {
      return (await this.#options.driver.getInfo({ instance: guest }, { signal })).powerState;
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return 'NOSTATE';
      throw failure;
    }
  }
}
