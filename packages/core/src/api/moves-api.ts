import { z } from 'zod';
import {
  ComputeError,
  isComputeError,
  requireHonoured,
  type CallOptions,
  type Clock,
  type Flavor,
} from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import { operations } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { LiveMigrationDisks } from '../moves/live-move.js';
import type { HostCalls } from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import type { Access } from '../requests/access.js';
import type { Checked } from '../requests/checked-request.js';
import { door } from '../requests/door.js';
import { callOptions, shortText, uuid } from '../requests/fields.js';
import { checkFlavorFitsImage } from '../requests/flavor-fits-image.js';
import type { Hosts, TargetHost } from '../requests/hosts.js';
import type { Placement } from '../requests/placement.js';
import { requestFields, requestOptions, type RequestOptions } from '../requests/request-options.js';
import { readVisible } from '../requests/read-visible.js';
import { flavorSchema } from './create-request.js';

export interface MovesApiParts {
  readonly access: Access;
  readonly acceptance: Acceptance;
  readonly hosts: Hosts;
  readonly records: Records;
  readonly placement: Placement;
  readonly clock: Clock;
}

const resizeSchema = knownFields(
  { flavor: flavorSchema, destinationHost: shortText.optional() },
  'an object with a flavor',
);
const migrateSchema = knownFields({ destinationHost: shortText }, 'an object with a destinationHost');
const liveSchema = knownFields(
  {
    destinationHost: shortText,
    disks: z.enum(['shared', 'copied', 'whatever-fits'], 'shared, copied or whatever-fits').default('whatever-fits'),
  },
  'an object with a destinationHost',
);

export interface ResizeRequest {
  readonly flavor: Partial<Flavor> & Pick<Flavor, 'name' | 'vcpus' | 'memoryMib'>;
  /** For administrators. Default: the host where it is. */
  readonly destinationHost?: string;
}

export interface MigrateRequest {
  readonly destinationHost: string;
}

const evacuateOptions = knownFields(
  { ...requestFields, destinationHost: shortText.optional() },
  'an object of options',
).optional();

export interface EvacuateOptions extends RequestOptions {
  /** Default: the host of this process, or where the placement puts it. */
  readonly destinationHost?: string;
}

export interface LiveMigrateRequest extends MigrateRequest {
  /** Whether the hosts share the instance's disks. Default `whatever-fits`: they are asked. */
  readonly disks?: LiveMigrationDisks;
}

/** What takes an instance to another host or flavor. Errors as for `ComputeApi`. */
export class MovesApi {
  readonly #parts: MovesApiParts;

  constructor(parts: MovesApiParts) {
    this.#parts = parts;
  }

  /**
   * Gives an instance another flavor; it is then confirmed or reverted.
   * @throws ComputeError `INVALID_INPUT`, `FLAVOR_TOO_SMALL` for its image, `FORBIDDEN` for a tenant who names a host
   */
  @door({ instanceUuid: uuid, request: resizeSchema, options: requestOptions })
  async resize(
    context: RequestContext,
    instanceUuid: string,
    request: ResizeRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof resizeSchema>;
    if (parameters.destinationHost !== undefined)
      this.#parts.access.require(context, 'administer', 'choose the host of');
    const { flavor, destinationHost } = parameters;
    const check = async ({ image }: Instance, target: TargetHost): Promise<void> => {
      checkFlavorFitsImage(flavor, image);
      const isHere = destinationHost === undefined || destinationHost === target.host;
      if (isHere) requireHonoured(await target.honoured(), { flavor });
      else await this.#checkDestination(instanceUuid, destinationHost, 'resize', { flavor });
    };
    return await this.#parts.acceptance.accept({ name: 'resize', context, instanceUuid, parameters, options, check });
  }

  /** Moves an instance, which is off meanwhile, to another host; it is then confirmed or reverted. For administrators. */
  @door({ instanceUuid: uuid, request: migrateSchema, options: requestOptions })
  async migrate(
    context: RequestContext,
    instanceUuid: string,
    request: MigrateRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof migrateSchema>;
    const check = (instance: Instance): Promise<void> =>
      this.#checkMigration(instance, parameters.destinationHost, 'migrate');
    return await this.#parts.acceptance.accept({ name: 'migrate', context, instanceUuid, parameters, options, check });
  }

  /** Gives up what was kept of a resized instance. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async confirmResize(
    context: RequestContext,
    instanceUuid: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#parts.acceptance.accept({ name: 'confirmResize', context, instanceUuid, options });
  }

  /** Brings a resized instance back to what it was. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async revertResize(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#parts.acceptance.accept({ name: 'revertResize', context, instanceUuid, options });
  }

  /** Moves a running instance to another host; it goes on all the while. For administrators. */
  @door({ instanceUuid: uuid, request: liveSchema, options: requestOptions })
  async liveMigrate(
    context: RequestContext,
    instanceUuid: string,
    request: LiveMigrateRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof liveSchema>;
    const check = (instance: Instance): Promise<void> =>
      this.#checkMigration(instance, parameters.destinationHost, 'liveMigrate');
    return await this.#parts.acceptance.accept({
      name: 'liveMigrate',
      context,
      instanceUuid,
      parameters,
      options,
      check,
    });
  }

  /** Stops a live migration that runs: the instance goes on where it was. For administrators. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  @door({ instanceUuid: uuid, options: callOptions })
  async abortLiveMigration(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<void> {
    const { instance, host } = await this.#liveMigrating(context, instanceUuid, options);
    await host.abortLiveMigration({ context, instance }, options);
  }

  /** Makes a live migration end, at the price of a pause. For administrators. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  @door({ instanceUuid: uuid, options: callOptions })
  async forceCompleteLiveMigration(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<void> {
    const { instance, host } = await this.#liveMigrating(context, instanceUuid, options);
    await host.forceCompleteLiveMigration({ context, instance }, options);
  }

  /**
   * Takes an instance over from a host that died. It goes to `destinationHost`; without one to the host of this process, or where the placement
   * puts it. For administrators.
   * @throws ComputeError `HOST_TAKEN` while the manager of its host lives
   */
  @door({ instanceUuid: uuid, options: evacuateOptions })
  async evacuate(
    context: RequestContext,
    instanceUuid: string,
    { destinationHost, ...options }: EvacuateOptions = {},
  ): Promise<AcceptedAction> {
    const { acceptance, records, hosts } = this.#parts;
    const host = destinationHost ?? hosts.ownHost ?? (await this.#placed(context, instanceUuid, options));
    const check = (instance: Instance): void => refuseSameHost(instance, host);
    if (this.#parts.access.allows(context, 'administer')) {
      const present = await records.store.getInstance(instanceUuid, options);
      check(present);
      await this.#refuseLiving(present);
    }
    return await acceptance.accept({ name: 'evacuate', context, instanceUuid, options, check, host });
  }

  async #placed(context: RequestContext, instanceUuid: string, options: CallOptions): Promise<string> {
    const { records, placement } = this.#parts;
    this.#parts.access.require(context, 'administer', operations.evacuate.verb);
    const { flavor, image } = await records.store.getInstance(instanceUuid, options);
    const request = { operation: 'evacuate', context, flavor, image, capabilities: ['evacuate'] } as const;
    return await placement.choose(request, options);
  }

  /** What the destination cannot do is refused before anything is written. */
  async #checkMigration(instance: Instance, destinationHost: string, name: 'migrate' | 'liveMigrate'): Promise<void> {
    refuseSameHost(instance, destinationHost);
    await this.#checkDestination(instance.uuid, destinationHost, name, instance);
  }

  async #checkDestination(
    instanceUuid: string,
    destinationHost: string,
    name: 'resize' | 'migrate' | 'liveMigrate',
    wanted: Parameters<typeof requireHonoured>[1],
  ): Promise<void> {
    const { verb, capability } = operations[name];
    const destination = this.#parts.hosts.target(destinationHost);
    try {
      requireHonoured(await destination.honoured(), wanted);
      if (capability) await destination.require(capability);
      await destination.refuseArrival(verb);
    } catch (failure) {
      if (!isComputeError(failure, 'HOST_UNAVAILABLE')) throw failure;
      throw new ComputeError('DESTINATION_UNAVAILABLE', { instanceUuid }, { effect: 'none', cause: failure });
    }
  }

  async #refuseLiving({ host, uuid: instanceUuid }: Instance): Promise<void> {
    if (host === null) throw new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'unspecified' });
    const seen = await this.#parts.records.store.getSession(host);
    if (seen?.lease !== 'lasting') return;
    const retryAfterMs = Math.max(0, seen.session.leaseUntilMs - this.#parts.clock.now());
    throw new ComputeError('HOST_TAKEN', { retryAfterMs });
  }

  /** An instance that migrates, and the host that leads its migration. */
  async #liveMigrating(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<{ readonly instance: Instance; readonly host: HostCalls }> {
    const { access, records, hosts } = this.#parts;
    const instance = await readVisible(this.#parts, context, instanceUuid, options);
    access.require(context, 'administer', operations.liveMigrate.verb);
    const actions = await records.store.listActions(instanceUuid, options);
    const running = actions.find(({ state, operation }) => state === 'running' && operation === 'liveMigrate');
    if (!running) throw new ComputeError('NO_ACTIVE_MIGRATION', { instanceUuid });
    return { instance, host: hosts.of(running.host) };
  }
}

function refuseSameHost({ uuid, host }: Instance, destinationHost: string): void {
  if (host !== destinationHost) return;
  throw new ComputeError('MIGRATION_REFUSED', { instanceUuid: uuid, reason: 'same host' }, { effect: 'none' });
}
