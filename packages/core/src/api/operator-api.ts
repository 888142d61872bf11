import { z } from 'zod';
import type { HostUsage } from '../claims/resource-claims.js';
import { ComputeError, type CallOptions, type GuestInspection } from '../driver/index.js';
import type { HostHealth } from '../model/host-health.js';
import type { InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import type { Notification } from '../model/notification.js';
import type { RequestContext } from '../model/request-context.js';
import { vmStates } from '../model/vm-state.js';
import { hostCallTable } from '../peers/host-call-table.js';
import type { Records } from '../records/records.js';
import type { InstanceQuery, NotificationQuery } from '../store/compute-store.js';
import type { Access } from '../requests/access.js';
import { askHostOf } from '../requests/ask-host.js';
import { door } from '../requests/door.js';
import { callOptions, shortText, uuid, whole } from '../requests/fields.js';
import type { Hosts } from '../requests/hosts.js';
import { askedHost, HostOperator, hostOptions, type HostOperatorDeps, type HostOptions } from './host-operator.js';
import { OperatorConsoles, type OperatorConsolesDeps } from './operator-consoles.js';
import { resetVmState, StateReset, type StateResetParts } from './state-reset.js';

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
  /** What is asked of the hosts themselves. */
  readonly host: HostOperator;
  readonly #access: Access;
  readonly #records: Records;
  readonly #hosts: Hosts;
  readonly #stateReset: StateReset;

  constructor(deps: StateResetParts & OperatorConsolesDeps & HostOperatorDeps) {
    this.#access = deps.access;
    this.#records = deps.records;
    this.#hosts = deps.hosts;
    this.consoles = new OperatorConsoles(deps);
    this.host = new HostOperator(deps);
    this.#stateReset = new StateReset(deps);
  }

  @door({ instanceUuid: uuid, options: callOptions })
  async getInstance(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Instance> {
    this.#refuseTenant(context, instanceUuid);
    return await this.#records.store.getInstance(instanceUuid, options);
  }

  @door({ query: instanceQuery.optional(), options: callOptions })
  async listInstances(
    context: RequestContext,
    query: InstanceQuery = {},
    options?: CallOptions,
  ): Promise<readonly Instance[]> {
    if (!this.#access.allows(context, 'administer')) return [];
    return await this.#records.store.listInstances(query, options);
  }

  /** Newest first. */
  @door({ instanceUuid: uuid, options: callOptions })
  async listFaults(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceFault[]> {
    this.#refuseTenant(context, instanceUuid);
    return await this.#records.store.listFaults(instanceUuid, options);
  }

  /** The steps of an action, in the order they started; of a direct call, by its request id. */
  @door({ actionUuid: shortText, options: callOptions })
  async listEvents(
    context: RequestContext,
    actionUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceActionEvent[]> {
    if (!this.#access.allows(context, 'administer')) throw new ComputeError('ACTION_NOT_FOUND', { actionUuid });
    return await this.#records.store.listEvents(actionUuid, options);
  }

  /** The outbox from a cursor on. */
  @door({ query: notificationQuery, options: callOptions })
  async listNotifications(
    context: RequestContext,
    query: NotificationQuery,
    options?: CallOptions,
  ): Promise<readonly Notification[]> {
    if (!this.#access.allows(context, 'administer')) return [];
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

  /** How a host is doing: what it does now and then, what is stuck where, what nobody accounts for. @throws ComputeError `FORBIDDEN` to a tenant */
  @door({ options: hostOptions })
  async health(context: RequestContext, options: HostOptions = {}): Promise<HostHealth> {
    this.#access.require(context, 'administer', hostCallTable.health.verb);
    const { host, call } = askedHost(this.#hosts, options);
    return await host.health({ context }, call);
  }

  /** What a host has and what of it is taken, by the records as they are now. @throws ComputeError `FORBIDDEN` to a tenant */
  @door({ options: hostOptions })
  async hostUsage(context: RequestContext, options: HostOptions = {}): Promise<HostUsage> {
    this.#access.require(context, 'administer', hostCallTable.usage.verb);
    const { host, call } = askedHost(this.#hosts, options);
    return await host.usage({ context }, call);
  }

  /**
   * What the driver of the instance's host says of its guest now, and what the host holds for it.
   * @throws ComputeError `HOST_UNAVAILABLE` when the host cannot be reached: nothing is known of the guest then
   */
  @door({ instanceUuid: uuid, options: callOptions })
  async inspect(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<GuestInspection> {
    const present = await this.getInstance(context, instanceUuid, options);
    const reached = { hosts: this.#hosts, records: this.#records };
    return await askHostOf(present, reached, (host, instance) => host.inspect({ context, instance }, options));
  }

  #refuseTenant(context: RequestContext, instanceUuid: string): void {
    if (!this.#access.allows(context, 'administer')) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }
}
