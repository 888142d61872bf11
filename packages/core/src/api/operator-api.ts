import { ComputeError, type CallOptions, type GuestInspection } from '../driver/index.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { InstanceActionEvent } from '../model/instance-action.js';
import type { InstanceFault } from '../model/instance-fault.js';
import type { Instance } from '../model/instance.js';
import type { Notification } from '../model/notification.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { InstanceQuery, NotificationQuery } from '../store/compute-store.js';

/**
 * What an operator reads: every record, whole, of every project. Kept apart from `ComputeApi`, so that what serves tenants cannot reach
 * it by a slip. To a tenant's context, whatever it asks for does not exist.
 */
export class OperatorApi {
  readonly #records: Records;
  readonly #manager: ComputeManager;

  constructor({ records, manager }: { readonly records: Records; readonly manager: ComputeManager }) {
    this.#records = records;
    this.#manager = manager;
  }

  async getInstance(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<Instance> {
    refuseTenant(context, instanceUuid);
    return await this.#records.store.getInstance(instanceUuid, options);
  }

  async listInstances(
    context: RequestContext,
    query: InstanceQuery = {},
    options?: CallOptions,
  ): Promise<readonly Instance[]> {
    if (context.role === 'tenant') return [];
    return await this.#records.store.listInstances(query, options);
  }

  /** Newest first. */
  async listFaults(
    context: RequestContext,
    instanceUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceFault[]> {
    refuseTenant(context, instanceUuid);
    return await this.#records.store.listFaults(instanceUuid, options);
  }

  /** The steps of an action, in the order they started; of a direct call, by its request id. */
  async listEvents(
    context: RequestContext,
    actionUuid: string,
    options?: CallOptions,
  ): Promise<readonly InstanceActionEvent[]> {
    if (context.role === 'tenant') throw new ComputeError('ACTION_NOT_FOUND', { actionUuid });
    return await this.#records.store.listEvents(actionUuid, options);
  }

  /** The outbox from a cursor on. */
  async listNotifications(
    context: RequestContext,
    query: NotificationQuery,
    options?: CallOptions,
  ): Promise<readonly Notification[]> {
    if (context.role === 'tenant') return [];
    return await this.#records.store.listNotifications(query, options);
  }

  /** What the driver says of an instance's guest now, and what the host holds for it. */
  async inspect(context: RequestContext, instanceUuid: string, options?: CallOptions): Promise<GuestInspection> {
    const instance = await this.getInstance(context, instanceUuid, options);
    return await this.#manager.inspectInstance(context, instance, options);
  }
}

function refuseTenant({ role }: RequestContext, instanceUuid: string): void {
  if (role === 'tenant') throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
}
