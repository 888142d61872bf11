import type { Clock } from '@virtkit/core/driver';
import type { FakeFabric } from './fake-fabric.js';
import type { FakeHost } from './fake-host.js';
import { FakeHypervisorError } from './fake-hypervisor-error.js';
import { MigrationJob, type MigrationView } from './migration-job.js';

export interface MigrationTarget {
  readonly destination: string;
  readonly disks: 'shared' | 'copied';
}

/** The live migrations that leave a host: at most one of each guest, remembered until it is forgotten. */
export class HostMigrations {
  readonly #clock: Clock;
  readonly #fabric: FakeFabric;
  readonly #source: FakeHost;
  readonly #jobs = new Map<string, MigrationJob>();

  constructor(clock: Clock, fabric: FakeFabric, source: FakeHost) {
    this.#clock = clock;
    this.#fabric = fabric;
    this.#source = source;
  }

  start(uuid: string, target: MigrationTarget): void {
    if (this.#jobs.get(uuid)?.view().state === 'running') {
      throw new FakeHypervisorError('busy', `another migration job is already running for domain ${uuid}`);
    }
    const job = new MigrationJob({
      clock: this.#clock,
      fabric: this.#fabric,
      source: this.#source,
      uuid,
      ...target,
    });
    this.#jobs.set(uuid, job);
    job.begin();
  }

  /** The last one. `undefined`: none since it was forgotten. */
  find(uuid: string): MigrationView | undefined {
    return this.#jobs.get(uuid)?.view();
  }

  /** @throws FakeHypervisorError `no-migration` */
  abort(uuid: string): void {
    this.#running(uuid).abort();
  }

  /** @throws FakeHypervisorError `no-migration` */
  forceComplete(uuid: string): void {
    this.#running(uuid).forceComplete();
  }

  /** One that runs is aborted first. */
  forget(uuid: string): void {
    this.#jobs.get(uuid)?.abort();
    this.#jobs.delete(uuid);
  }

  dispose(): void {
    for (const job of this.#jobs.values()) job.dispose();
  }

  #running(uuid: string): MigrationJob {
    const job = this.#jobs.get(uuid);
    if (job?.view().state === 'running') return job;
    throw new FakeHypervisorError('no-migration', `domain ${uuid} is not being migrated`);
  }
}
