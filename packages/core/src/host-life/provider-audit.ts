import type { Clock, DriverLog } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import { buildOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { Records } from '../records/records.js';
import { inParallel } from './in-parallel.js';
import { instancePages } from './instance-pages.js';

export interface ProviderAuditOptions {
  readonly host: string;
  readonly providers: Providers;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

interface Seen {
  readonly instanceUuid: string;
  readonly revision: number;
  readonly difference: string;
  isTold: boolean;
}

const AT_ONCE_MAX = 4;

/**
 * Compares what idle instances of the host have on record with what their providers say that they hold: one read an instance and provider.
 * A difference that two runs have seen, with the record unchanged between, is told to operators, once a process. Nothing is given back.
 */
export class ProviderAudit {
  readonly #options: ProviderAuditOptions;
  #seen = new Map<string, Seen>();

  constructor(options: ProviderAuditOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, host } = this.#options;
    const found = new Map<string, Seen>();
    for await (const page of instancePages(records.store, { host }, signal)) {
      const idle = page.filter(({ taskState }) => taskState === null);
      await inParallel(idle, { countMax: AT_ONCE_MAX, signal }, async (instance) => {
        for (const difference of await this.#differences(instance, signal)) {
          const { uuid: instanceUuid, revision } = instance;
          const key = `${instanceUuid} ${difference}`;
          const before = this.#seen.get(key);
          const seen: Seen = { instanceUuid, revision, difference, isTold: before?.isTold ?? false };
          found.set(key, seen);
          if (!seen.isTold && before?.revision === revision) await this.#tell(seen);
        }
      });
    }
    this.#seen = found;
  }

  async #differences(instance: Instance, signal: AbortSignal): Promise<readonly string[]> {
    const { providers } = this.#options;
    const { blockDevices, networkInterfaces, pendingRelease = [] } = instance;
    const pending = JSON.stringify(pendingRelease);
    const isUnrecorded = (id: string, recorded: readonly { readonly id: string }[]): boolean =>
      !recorded.some((each) => each.id === id) && !pending.includes(id);
    const differences: string[] = [];
    if (providers.has('volumes')) {
      const held = (await providers.volumes.volumesOf(buildOf(instance), { signal })).map(({ id }) => id);
      // A device without a reservation may never have been a provider's.
      const lost = blockDevices.filter(({ id, reservationId }) => reservationId !== undefined && !held.includes(id));
      differences.push(...lost.map(({ id }) => `volume ${id} not held at its provider`));
      const more = held.filter((id) => isUnrecorded(id, blockDevices));
      differences.push(...more.map((id) => `volume ${id} not on record`));
    }
    // A pending release of `interfaces` names a reservation, and its interfaces cannot be told from others.
    if (providers.has('networks') && !pendingRelease.some(({ kind }) => kind === 'interfaces')) {
      const held = await providers.networks.interfacesOf(buildOf(instance), { signal });
      const more = held.filter(({ id }) => isUnrecorded(id, networkInterfaces));
      differences.push(...more.map(({ id }) => `interface ${id} not on record`));
    }
    return differences;
  }

  async #tell(seen: Seen): Promise<void> {
    const { records, clock, log, host } = this.#options;
    const { instanceUuid, difference } = seen;
    const notification = {
      id: newRecordUuid(),
      eventType: 'compute.provider.deviation',
      priority: 'ERROR' as const,
      publisher: `compute:${host}`,
      instanceUuid,
      requestId: null,
      occurredAtMs: clock.now(),
      payload: { difference },
      operator: null,
    };
    await records.commit([{ write: 'append-notification', notification }]);
    seen.isTold = true;
    log.error({ instanceUuid, difference }, 'deviation of a record from its provider');
  }
}
