import type { CallOptions } from '@virtkit/core/driver';
import type { FakeHost } from '../fake-host.js';
import type { MigrationTarget } from '../host-migrations.js';
import type { MigrationView } from '../migration-job.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about live migrations that leave the host. They go on by themselves once they are started. */
export class MigrationSteps {
  readonly #steps: StepRunner;
  readonly #host: FakeHost;

  constructor(steps: StepRunner, host: FakeHost) {
    this.#steps = steps;
    this.#host = host;
  }

  start(uuid: string, target: MigrationTarget, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('startMigration', uuid, options, () => this.#host.migrations.start(uuid, target));
  }

  read(uuid: string, options: CallOptions = {}): Promise<MigrationView | undefined> {
    return this.#steps.run('readMigration', uuid, options, () => this.#host.migrations.find(uuid));
  }

  abort(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('abortMigration', uuid, options, () => this.#host.migrations.abort(uuid));
  }

  force(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('forceMigration', uuid, options, () => this.#host.migrations.forceComplete(uuid));
  }

  forget(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('forgetMigration', uuid, options, () => this.#host.migrations.forget(uuid));
  }
}
