import { z } from 'zod';
import type { ActionEnds } from '../dispatch/action-ends.js';
import { endForDeadHost } from '../dispatch/end-for-dead-host.js';
import { ComputeError, type CallOptions, type Diagnostics, type Clock, type RebootType } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import type { ConsoleOutputOptions } from '../manager/guest-options.js';
import {
  isFinished,
  tenantAction,
  type ActionParameters,
  type InstanceAction,
  type TenantAction,
} from '../model/instance-action.js';
import { tenantFault, type TenantFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import { operations, type OperationName } from '../model/operation-table.js';
import { knownFields } from '../model/known-fields.js';
import type { RequestContext } from '../model/request-context.js';
import { tenantInstance, type TenantInstance } from '../model/tenant-instance.js';
import type { Records } from '../records/records.js';
import type { Acceptance, AcceptedAction, PlannedInstance } from '../requests/acceptance.js';
import { askHostOf } from '../requests/ask-host.js';
import { door } from '../requests/door.js';
import { callFields, callOptions, stopping, uuid, whole } from '../requests/fields.js';
import { checkReachable } from '../requests/gate.js';
import { checkFlavorFitsImage } from '../requests/flavor-fits-image.js';
import type { Placement } from '../requests/placement.js';
import { requestFields, requestOptions, type RequestOptions } from '../requests/request-options.js';
import { digestOfText, requestDigest } from '../requests/request-digest.js';
import { readVisible } from '../requests/read-visible.js';
import { givenShutdown, shutdownParameters } from '../requests/shutdown-parameters.js';
import { ConsolesApi, type ConsolesApiParts } from './consoles-api.js';
import { createSchema, type CreateRequest, type InstanceDraft } from './create-request.js';
import { describeInstance, imageOf } from './describe-instance.js';
import { GuestApi } from './guest-api.js';
import { ImagesApi } from './images-api.js';
import { InstanceLock, lockSchema, type LockRequest } from './instance-lock.js';
import { InterfacesApi } from './interfaces-api.js';
import { listOptions, type ListOptions } from './list-options.js';
import { MovesApi } from './moves-api.js';
import { RepairApi } from './repair-api.js';
import { VolumesApi } from './volumes-api.js';

export interface ComputeApiOptions extends ConsolesApiParts {
  /** Who publishes what a request itself changes. */
  readonly host: string;
  /** How long a guest may take to stop by itself, where a request does not say. */
  readonly shutdownTimeoutMs: number;
  /** Who may name files and devices of the host. */
  readonly hostResources: 'operators' | 'everybody';
  readonly acceptance: Acceptance;
  readonly placement: Placement;
  readonly ends: Pick<ActionEnds, 'finished'>;
  readonly providers: Providers;
  readonly records: Records;
  readonly clock: Clock;
}

export const rebootTypes = z.enum(['SOFT', 'HARD'], 'SOFT or HARD');
const stopOptions = knownFields({ ...requestFields, ...stopping }, 'an object of options').optional();

/** More than this of a guest's own words nobody reads at once: 1 MiB. */
const CONSOLE_BYTES_MAX = 1_048_576;
const consoleOutputOptions = knownFields(
  { ...callFields, lengthBytesMax: whole(1, CONSOLE_BYTES_MAX).optional() },
  'an object of options',
).optional();

/** How a guest is stopped. */
export interface StopOptions extends RequestOptions {
  /** How long it may take to stop by itself, at most a day. Default: `shutdownTimeoutMs` of the configuration. 0: it is not asked. */
  readonly gracePeriodMs?: number;
  /** How often it is asked, 1,000 at least. Default 10,000. */
  readonly retryIntervalMs?: number;
}

/**
 * What a service offers to its users. Everything it answers is fit for a tenant. A request is checked, recorded with the task state in one transaction, and answered;
 * then it is carried out. A refused request has written nothing.
 *
 * Common errors: `INSTANCE_NOT_FOUND` (also for instances of other projects), `INSTANCE_INVALID_STATE`, `INSTANCE_LOCKED`, `FORBIDDEN`,
 * `NOT_SUPPORTED`, `INSTANCE_QUARANTINED`, `UNEXPECTED_TASK_STATE` when another request was quicker, `QUEUE_FULL`, `MANAGER_CLOSED`,
 * `SESSION_LOST`, `STORE_UNAVAILABLE`, `INVALID_INPUT` and `IDEMPOTENCY_CONFLICT`.
 */
export class ComputeApi {
  /** The volumes of instances. */
  readonly volumes: VolumesApi;
  /** The network interfaces of instances. */
  readonly interfaces: InterfacesApi;
  /** What takes instances to other hosts and flavors. */
  readonly moves: MovesApi;
  /** What is asked of the system inside a guest. */
  readonly guest: GuestApi;
  /** Rights to the consoles of guests. */
  readonly consoles: ConsolesApi;
  /** What brings instances back that do not start any more, or starts them over. */
  readonly repair: RepairApi;
  /** What makes images of instances, and what puts instances away. */
  readonly images: ImagesApi;
  readonly #lock: InstanceLock;
  readonly #options: ComputeApiOptions;

  constructor(options: ComputeApiOptions) {
    this.#options = options;
    this.volumes = new VolumesApi(options);
    this.interfaces = new InterfacesApi(options);
    this.moves = new MovesApi(options);
    this.guest = new GuestApi(options);
    this.consoles = new ConsolesApi(options);
    this.repair = new RepairApi(options);
    this.images = new ImagesApi(options);
    this.#lock = new InstanceLock(options);
  }

  /**
   * Creates an instance and starts it. @throws ComputeError `INVALID_INPUT`, `INSTANCE_EXISTS`, `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`,
   * `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`
   */
  @door({ request: createSchema, options: requestOptions })
  async create(context: RequestContext, request: CreateRequest, options?: RequestOptions): Promise<AcceptedAction> {
    const { uuid: chosenUuid, ...draft } = this.#withDefaults(context, request as InstanceDraft);
    const instanceUuid = chosenUuid ?? globalThis.crypto.randomUUID();
    const parameters = buildParameters(requestDigest({ uuid: chosenUuid, ...draft }), draft);
    const formerParameters = buildParameters(digestOfText(request), request as InstanceDraft);
    const plan = async (call: CallOptions): Promise<PlannedInstance> => {
      const image = await imageOf(draft, context, this.#options.providers, call);
      const { flavor, volumes } = draft;
      checkFlavorFitsImage(flavor, image);
      const whole = { uuid: instanceUuid, ...draft, image };
      return {
        flavor,
        image,
        capabilities: volumes.length > 0 ? ['volumes'] : [],
        describe: (target, rest) => describeInstance(whole, context, { ...this.#options, target }, rest),
      };
    };
    return await this.#options.acceptance.acceptNew(instanceUuid, plan, {
      context,
      parameters,
      formerParameters,
      options,
    });
  }

  /** Deletes an instance, whatever is being done to it. An action that runs for it is cancelled. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async delete(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('terminate', context, instanceUuid, options);
  }

  /**
   * Stops an instance and keeps everything of it, so that {@link restore} brings it back; {@link delete} ends it for good. An action that runs
   * for it is cancelled, unless it is an end or a move.
   */
  @door({ instanceUuid: uuid, options: requestOptions })
  async softDelete(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('softDelete', context, instanceUuid, options);
  }

  /** Brings a soft-deleted instance back. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async restore(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('restore', context, instanceUuid, options);
  }

  /** Stops an instance without asking it, whatever else is being done to it, ends and moves apart: that is cancelled. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async forceStop(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('forceStop', context, instanceUuid, options);
  }

  /** Keeps tenants from changing an instance until it is {@link unlock}ed. One that is locked by an administrator stays so. Idempotent. @throws ComputeError `INVALID_INPUT` */
  @door({ instanceUuid: uuid, request: lockSchema.optional(), options: callOptions })
  async lock(
    context: RequestContext,
    instanceUuid: string,
    request: LockRequest = {},
    options?: CallOptions,
  ): Promise<TenantInstance> {
    return await this.#lock.lock(context, instanceUuid, request, options);
  }

  /** What an administrator has locked only an administrator unlocks. Idempotent. @throws ComputeError `INSTANCE_LOCKED` */
  @door({ instanceUuid: uuid, options: callOptions })
  async unlock(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<TenantInstance> {
    return await this.#lock.unlock(context, instanceUuid, options);
  }

  @door({ instanceUuid: uuid, options: requestOptions })
  async start(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('start', context, instanceUuid, options);
  }

  /** Asks a guest to stop, and stops it when its grace period is over. {@link forceStop} does not ask. */
  @door({ instanceUuid: uuid, options: stopOptions })
  async stop(context: RequestContext, instanceUuid: string, options: StopOptions = {}): Promise<AcceptedAction> {
    const { gracePeriodMs, retryIntervalMs, ...rest } = options;
    const given = { gracePeriodMs, retryIntervalMs };
    return await this.#options.acceptance.accept({
      name: 'stop',
      context,
      instanceUuid,
      parameters: shutdownParameters(given, this.#options.shutdownTimeoutMs),
      formerParameters: givenShutdown(given),
      options: rest,
    });
  }

  /** @throws ComputeError `INVALID_INPUT` for another type */
  @door({ instanceUuid: uuid, type: rebootTypes, options: requestOptions })
  async reboot(
    context: RequestContext,
    instanceUuid: string,
    type: RebootType,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#accept(rebootOperations[type], context, instanceUuid, options);
  }

  @door({ instanceUuid: uuid, options: requestOptions })
  async pause(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('pause', context, instanceUuid, options);
  }

  @door({ instanceUuid: uuid, options: requestOptions })
  async unpause(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('unpause', context, instanceUuid, options);
  }

  /** Saves the guest's memory to disk and stops it. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async suspend(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('suspend', context, instanceUuid, options);
  }

  @door({ instanceUuid: uuid, options: requestOptions })
  async resume(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept('resume', context, instanceUuid, options);
  }

  @door({ instanceUuid: uuid, options: callOptions })
  async get(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<TenantInstance> {
    return tenantInstance(await this.#visible(context, instanceUuid, options));
  }

  /** A tenant's own instances, by uuid; everybody's for an administrator. */
  @door({ options: listOptions })
  async list(context: RequestContext, options: ListOptions = {}): Promise<readonly TenantInstance[]> {
    const { vmState, after, limit, ...call } = options;
    const query = {
      ...(!this.#options.access.allows(context, 'see every project') && { projectId: context.projectId }),
      ...(vmState && { vmState }),
      ...(after !== undefined && { afterUuid: after }),
      ...(limit !== undefined && { countMax: limit }),
    };
    return (await this.#options.records.store.listInstances(query, call)).map(tenantInstance);
  }

  /** Newest first. */
  @door({ instanceUuid: uuid, options: callOptions })
  async listActions(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly TenantAction[]> {
    await this.#visible(context, instanceUuid, options);
    return (await this.#options.records.store.listActions(instanceUuid, options)).map(tenantAction);
  }

  /** What went wrong with an instance, newest first, as its tenant may read it. */
  @door({ instanceUuid: uuid, options: callOptions })
  async listFaults(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly TenantFault[]> {
    await this.#visible(context, instanceUuid, options);
    return (await this.#options.records.store.listFaults(instanceUuid, options)).map(tenantFault);
  }

  @door({ instanceUuid: uuid, options: consoleOutputOptions })
  async getConsoleOutput(
    context: RequestContext,
    instanceUuid: string,
    options: ConsoleOutputOptions = {},
  ): Promise<Uint8Array> {
    const { signal, lengthBytesMax } = options;
    const visible = await this.#visible(context, instanceUuid);
    const length = lengthBytesMax === undefined ? {} : { lengthBytesMax };
    return await askHostOf(visible, this.#options, (host, instance) =>
      host.getConsoleOutput({ context, instance, ...length }, signal ? { signal } : {}),
    );
  }

  /** Figures of a running guest. For administrators. @throws ComputeError `FORBIDDEN`, `NOT_SUPPORTED`, `INSTANCE_INVALID_STATE` */
  @door({ instanceUuid: uuid, options: callOptions })
  async diagnostics(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Diagnostics> {
    const operation = 'read the diagnostics of';
    const visible = await this.#visible(context, instanceUuid, options);
    this.#options.access.require(context, 'administer', operation);
    checkReachable(visible, operation);
    return await askHostOf(visible, this.#options, (host, instance) =>
      host.getDiagnostics({ context, instance }, options),
    );
  }

  /** @throws ComputeError `ACTION_NOT_FOUND` */
  @door({ actionUuid: uuid, options: callOptions })
  async getAction(context: RequestContext, actionUuid: string, options?: CallOptions): Promise<TenantAction> {
    return tenantAction(await this.#visibleAction(context, actionUuid, options));
  }

  /** An action that was accepted before, by whichever process, and its end. @throws ComputeError `ACTION_NOT_FOUND` */
  @door({ actionUuid: uuid, options: callOptions })
  async follow(context: RequestContext, actionUuid: string, options?: CallOptions): Promise<AcceptedAction> {
    const { records, ends } = this.#options;
    const action = await this.#visibleAction(context, actionUuid, options);
    const instance = tenantInstance(await records.store.getInstance(action.instanceUuid, options));
    return { action: tenantAction(action), instance, finished: ends.finished(action).then(tenantAction) };
  }

  /**
   * Cancels an action that has not finished; it ends like any other failure. Idempotent.
   * @throws ComputeError `ACTION_NOT_FOUND`
   */
  @door({ actionUuid: uuid, options: callOptions })
  async cancel(context: RequestContext, actionUuid: string, options?: CallOptions): Promise<TenantAction> {
    const { access, records, hosts, clock } = this.#options;
    const action = await this.#visibleAction(context, actionUuid, options);
    access.require(context, 'change instances', 'cancel an action of', { operation: action.operation });
    if (isFinished(action)) return tenantAction(action);
    const host = hosts.of(action.host);
    const isOwn = action.host === hosts.ownHost;
    if (isOwn && (await host.cancelAction({ actionUuid }, options))) return tenantAction(action);
    const failure = new ComputeError('ABORTED', { operation: operations[action.operation].verb }, { effect: 'none' });
    if (await endForDeadHost(action, failure, this.#options)) {
      return tenantAction(await records.store.getAction(actionUuid, options));
    }
    const patch = { cancelRequestedAtMs: clock.now() };
    await records.commit([{ write: 'update-action', uuid: actionUuid, patch, guard: {} }], options);
    // A host that does not hear of it now finds the request to cancel in the record.
    if (!isOwn) void host.cancelAction({ actionUuid }).catch(() => false);
    return tenantAction(action);
  }

  /**
   * What a request means here. Who does not say anything of networks gets the default network, where there are networks.
   * @throws ComputeError `FORBIDDEN` for a tenant who names files or devices of the host
   */
  #withDefaults(context: RequestContext, draft: InstanceDraft): InstanceDraft {
    const { providers, hostResources, access } = this.#options;
    const { image, networks, networkInterfaces } = draft;
    if (hostResources === 'operators') {
      if (image) access.require(context, 'name host resources', 'describe the image of');
      if (networkInterfaces) access.require(context, 'name host resources', 'describe the network interfaces of');
    }
    if (networks ?? networkInterfaces ?? !providers.has('networks')) return draft;
    return { ...draft, networks: [{}] };
  }

  async #visible(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Instance> {
    return await readVisible(this.#options, context, instanceUuid, options);
  }

  async #visibleAction(context: RequestContext, actionUuid: string, options?: CallOptions): Promise<InstanceAction> {
    const action = await this.#options.records.store.getAction(actionUuid, options);
    if (context.projectId !== action.projectId && !this.#options.access.allows(context, 'see every project')) {
      throw new ComputeError('ACTION_NOT_FOUND', { actionUuid });
    }
    return action;
  }

  async #accept(
    name: OperationName,
    context: RequestContext,
    instanceUuid: string,
    options: RequestOptions | undefined,
  ): Promise<AcceptedAction> {
    return await this.#options.acceptance.accept({ name, context, instanceUuid, options });
  }
}

/** What is recorded of a request for an instance, beside the instance. */
function buildParameters(digest: string, { networks, volumes }: InstanceDraft): ActionParameters {
  return {
    requestDigest: digest,
    ...(networks && { networks }),
    ...(volumes.length > 0 && { volumes }),
  } as unknown as ActionParameters;
}

const rebootOperations: Record<RebootType, OperationName> = { SOFT: 'softReboot', HARD: 'hardReboot' };
