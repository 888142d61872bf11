import { z } from 'zod';
import type { HostUsage, ResourceClaims } from '../claims/resource-claims.js';
import { ComputeError, type CallOptions, type GuestInspection } from '../driver/index.js';
import type { HostHealth } from '../host-life/host-health.js';
import type { HostLife } from '../host-life/host-life.js';
import type { HostOperator } from '../host-life/host-operator.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import type { Notification } from '../model/notification.js';
import type { RequestContext } from '../model/request-context.js';
import { vmStates } from '../model/vm-state.js';
import type { Records } from '../records/records.js';
import type { InstanceQuery, NotificationQuery } from '../store/compute-store.js';
import { accessPolicy } from '../requests/access-policy.js';
import { door } from '../requests/door.js';
import { callOptions, shortText, uuid, whole } from '../requests/fields.js';
import { OperatorConsoles } from './operator-consoles.js';
import { resetVmState, StateReset, type StateResetParts } from './state-reset.js';

export interface OperatorApiParts extends StateResetParts {
  readonly manager: ComputeManager;
  readonly claims: ResourceClaims;
  readonly life: HostLife;
}

/** Nobody reads more at once. */
const COUNT_MAX = 10_000;

const instanceQuery = knownFields(
  {
    host: shortText.optional(),
    projectId: shortText.optional(),
    vmState: z.array(z.enum(vmStates, vmStates.join(', ')), 'a list of vm states').optional(),
    taskState: z.literal('set', 'set').optional(),
    afterUuid: uuid.optional(),
    countMax: whole(1, COUNT_MAX).optional(),
  },
  'an object of filters',
);

const notificationQuery = knownFields(
  {
    afterSequence: whole(0, Number.MAX_SAFE_INTEGER),
    instanceUuid: uuid.optional(),
    requestId: shortText.optional(),
    countMax: whole(1, COUNT_MAX),
  },
  'an object with an afterSequence and a countMax',
);

/**
 * What an operator reads: every record, whole, of every project. Kept apart from `ComputeApi`, so that what serves tenants cannot reach
 * it by a slip. To a tenant's context, whatever it asks for does not exist.
 */
export class OperatorApi {
  /** For the proxies that tenants reach consoles through. */
  readonly consoles: OperatorConsoles;
  /** What is asked of the host itself. */
  readonly host: HostOperator;
  readonly #records: Records;
  readonly #manager: ComputeManager;
  readonly #claims: ResourceClaims;
  readonly #life: HostLife;
  readonly #stateReset: StateReset;

  constructor({ manager, claims, life, ...parts }: OperatorApiParts) {
    this.#records = parts.records;
    this.#manager = manager;
    this.consoles = new OperatorConsoles(manager);
    this.#claims = claims;
    this.#life = life;
    this.host = life.operator;
    this.#stateReset = new StateReset(parts);
  }

  @door({ instanceUuid: uuid, options: callOptions })
  async getInstance(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Instance> {
    refuseTenant(context, instanceUuid);
    return await this.#records.store.getInstance(instanceUuid, options);
  }

  @door({ query: instanceQuery.optional(), options: callOptions })
  async listInstances(
    context: RequestContext,
    query: InstanceQuery = {},
    options?: CallOptions,
  ): Promise<readonly Instance[]> {
    if (!accessPolicy.allows(context, 'administer')) return [];
    return await this.#records.store.listInstances(query, options);
  }

  /** Newest first. */
  @door({ instanceUuid: uuid, options: callOptions })
  async listFaults(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceFault[]> {
    refuseTenant(context, instanceUuid);
    return await this.#records.store.listFaults(instanceUuid, options);
  }

  /** The steps of an action, in the order they started; of a direct call, by its request id. */
  @door({ actionUuid: shortText, options: callOptions })
  async listEvents(
    context: RequestContext,
    actionUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceActionEvent[]> {
    if (!accessPolicy.allows(context, 'administer')) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid });
    return await this.#records.store.listEvents(actionUuid, options);
  }

  /** The outbox from a cursor on. */
  @door({ query: notificationQuery, options: callOptions })
  async listNotifications(
    context: RequestContext,
    query: NotificationQuery,
    options?: CallOptions,
  ): Promise<readonly Notification[]> {
    if (!accessPolicy.allows(context, 'administer')) return [];
    return await this.#records.store.listNotifications(query, options);
  }

  /**
   * Says which state an instance is in that is stuck: nothing is being done to it afterwards, what was unfinished has ended as `cancelled`, and
   * its power state is what its driver says. The guest itself is left alone. To be used when nothing runs for the instance any more.
   * @throws ComputeError `INVALID_INPUT`, `INSTANCE_INVALID_STATE` for a deleted one, `HYPERVISOR_UNAVAILABLE`, `UNEXPECTED_TASK_STATE` when
   * it went on meanwhile
   */
  @door({ instanceUuid: uuid, vmState: resetVmState, options: callOptions })
  async resetState(
    context: RequestContext,
    instanceUuid: string,
    vmState: 'active' | 'error',
    options?: CallOptions,
  ): Promise<Instance> {
    const instance = await this.getInstance(context, instanceUuid, options);
    return await this.#stateReset.reset(context, instance, vmState, options);
  }

  /** How the host is doing: what it does now and then, what is stuck where, what nobody accounts for. @throws ComputeError `FORBIDDEN` to a tenant */
  @door({ options: callOptions })
  async health(context: RequestContext, options?: CallOptions): Promise<HostHealth> {
    return await this.#life.health(context, options);
  }

  /** What this host has and what of it is taken, by the records as they are now. @throws ComputeError `FORBIDDEN` to a tenant */
  @door({ options: callOptions })
  async hostUsage(context: RequestContext, options?: CallOptions): Promise<HostUsage> {
    accessPolicy.require(context, 'administer', 'look at the host of');
    return await this.#claims.audit(options);
  }

  /** What the driver says of an instance's guest now, and what the host holds for it. */
  @door({ instanceUuid: uuid, options: callOptions })
  async inspect(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<GuestInspection> {
    const instance = await this.getInstance(context, instanceUuid, options);
    return await this.#manager.inspectInstance(context, instance, options);
  }
}

function refuseTenant(context: RequestContext, instanceUuid: string): void {
  if (!accessPolicy.allows(context, 'administer')) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
}
