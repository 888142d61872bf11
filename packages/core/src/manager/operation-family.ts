import { decoratorServices, type Offers } from '@virtkit/decorators';
import type { CallOptions, Clock, DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { MoveParts } from '../moves/move-parts.js';
import type { ManagerServices } from '../recorders/manager-services.js';
import type { Records } from '../records/records.js';
import type { OperationRunner, OperationWork } from '../runner/operation-runner.js';

/** What every family of operations works with. */
export interface FamilyParts {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  /** Moves between hosts are led with these. */
  readonly moves: MoveParts;
  readonly runner: OperationRunner;
  readonly services: ManagerServices;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** Some of the manager's operations, in a file of their own: methods under the four decorators, each around the lines it has of its own. */
export abstract class OperationFamily implements Offers<ManagerServices> {
  readonly [decoratorServices]: ManagerServices;
  protected readonly parts: FamilyParts;

  constructor(parts: FamilyParts) {
    this[decoratorServices] = parts.services;
    this.parts = parts;
  }

  protected async run(
    name: OperationName,
    context: RequestContext,
    instance: Instance,
    options: CallOptions,
    work: OperationWork,
  ): Promise<Instance> {
    return await this.parts.runner.run({ name, context, instance, options }, work);
  }
}
