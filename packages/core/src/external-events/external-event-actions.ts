import { ComputeError, type CallOptions, type ExternalEvent } from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Providers } from '../guard/providers.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ExternalEventOutcome } from '../model/external-event-outcome.js';
import type { ActionParameters } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import { requestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { Acceptance } from '../requests/acceptance.js';
import type { OwnEvents } from '../requests/external-event-router.js';
import type { ComputeEventInbox } from './external-event-inbox.js';

export interface ExternalEventActionsDeps {
  readonly host: string;
  readonly inbox: ComputeEventInbox;
  readonly acceptance: Acceptance;
  readonly manager: ComputeManager;
  readonly providers: Providers;
  readonly records: Records;
  readonly lanes: InstanceLanes;
}

/** Events that something is done about; all others wake an operation that waits. */
type ActingEvent = 'network-changed' | 'network-vif-deleted' | 'volume-extended' | 'power-update';
type Handler = (instance: Instance, event: ExternalEvent, signal: AbortSignal) => Promise<ExternalEventOutcome>;

/** What this host does about the external events of its instances. */
export class ExternalEventActions implements OwnEvents {
  readonly #deps: ExternalEventActionsDeps;

  constructor(deps: ExternalEventActionsDeps) {
    this.#deps = deps;
  }

  get host(): string {
    return this.#deps.host;
  }

  wake(event: ExternalEvent): void {
    if (!Object.hasOwn(this.#handlers, event.name)) this.#deps.inbox.deliver(event);
  }

  forget(instanceUuid: string): void {
    this.#deps.inbox.forget(instanceUuid);
  }

  async act(instance: Instance, event: ExternalEvent, signal: AbortSignal): Promise<ExternalEventOutcome> {
    const { name, status } = event;
    const isActing = Object.hasOwn(this.#handlers, name);
    if (!isActing) return { outcome: status === 'in-progress' ? 'ignored' : 'handed-on' };
    if (status !== 'completed') return { outcome: 'ignored' };
    return await this.#handlers[name as ActingEvent](instance, event, signal);
  }

  readonly #handlers: Readonly<Record<ActingEvent, Handler>> = {
    'network-changed': (instance, _event, signal) => this.#refresh(instance, signal),
    'network-vif-deleted': (instance, { tag }) => this.#detach(instance, tag),
    'volume-extended': (instance, { tag }, signal) => this.#extend(instance, tag, signal),
    'power-update': (instance, { tag }) => this.#followPower(instance, tag),
  };

  /** In its turn among the instance's operations, so that it overwrites nothing that one of them is about to record. */
  async #refresh({ uuid }: Instance, signal: AbortSignal): Promise<ExternalEventOutcome> {
    const { lanes, records, manager } = this.#deps;
    const entry = { instanceUuid: uuid, operation: 'refresh the interfaces of', manner: 'wait' as const };
    return await lanes.enter({ ...entry, signal }, async (held) => {
      const instance = await records.store.getInstance(uuid);
      const networkInterfaces = await manager.interfaces.present(instance, held);
      const guard = { host: instance.host };
      await records.commit([{ write: 'update-instance', uuid, patch: { networkInterfaces }, guard }]);
      return { outcome: 'refreshed' };
    });
  }

  /** The network has taken the interface away already; its guest and its record follow. */
  async #detach(instance: Instance, interfaceId: string): Promise<ExternalEventOutcome> {
    if (!instance.networkInterfaces.some(({ id }) => id === interfaceId)) return { outcome: 'ignored' };
    return await this.#accept('detachInterface', instance, { interfaceId });
  }

  /** The volume has grown already; its guest follows. */
  async #extend(instance: Instance, volumeId: string, signal: AbortSignal): Promise<ExternalEventOutcome> {
    const { uuid, projectId, blockDevices } = instance;
    if (!blockDevices.some(({ id }) => id === volumeId)) {
      throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: volumeId });
    }
    const options: CallOptions = { signal };
    const { sizeMib } = await this.#deps.providers.volumes.getVolume(volumeId, { projectId }, options);
    return await this.#accept('extendVolume', instance, { volumeId, sizeMib });
  }

  /** As Nova does: only from the state that the change leads away from. */
  async #followPower(instance: Instance, target: string): Promise<ExternalEventOutcome> {
    const { vmState, powerState } = instance;
    const parameters = { origin: 'reported' };
    if (target === 'POWER_ON' && vmState === 'stopped' && powerState === 'SHUTDOWN') {
      return await this.#accept('start', instance, parameters);
    }
    if (target === 'POWER_OFF' && vmState === 'active' && powerState === 'RUNNING') {
      return await this.#accept('stop', instance, parameters);
    }
    return { outcome: 'ignored' };
  }

  async #accept(
    name: OperationName,
    { uuid: instanceUuid, projectId, userId }: Instance,
    parameters: ActionParameters,
  ): Promise<ExternalEventOutcome> {
    const context = requestContext({ projectId, userId, role: 'service' });
    const { action } = await this.#deps.acceptance.accept({ name, context, instanceUuid, parameters });
    return { outcome: 'accepted', actionUuid: action.uuid };
  }
}
