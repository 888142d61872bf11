import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import { ComputeError, type CallOptions, type NetworkInterface } from '../driver/index.js';
import { buildOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';
import { reservationOf, type RequestContext } from '../model/request-context.js';
import type { NetworkRequest } from '../providers/network-provider.js';
import type { InstanceBuild } from '../providers/volume-provider.js';
import { OperationFamily } from './operation-family.js';
import { unlessGone } from './volume-steps.js';

/** The network interfaces that guests have. None of it changes the vm state. What fails is undone in reverse, as with volumes. */
export class InterfaceOperations extends OperationFamily {
  /**
   * Afterwards the guest has one interface more, now and after its next start. The action's result is `{ interfaceId, macAddress }`.
   * @throws ComputeError `NETWORK_NOT_FOUND`, `INSUFFICIENT_RESOURCES`, `TOO_MANY_DEVICES`, `VIF_PLUG_FAILED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async attachInterface(
    context: RequestContext,
    instance: Instance,
    request: NetworkRequest = {},
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('attachInterface', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('interfaces');
      const { networks } = this.parts.providers;
      const { projectId, networkInterfaces: before } = task.instance;
      const { host } = this.parts;
      const build = buildOf(task.instance);
      const reservationId = reservationOf(context);
      const attachment = { ...build, projectId, host, request, idempotencyKey: reservationId };
      await task.takeStep({ step: 'get-interfaces', reservationId, besides: before.map(({ id }) => id) });
      task.undo.push('release the interface', (options) => networks.unreserve(build, reservationId, options));
      const added = await networks.attach(attachment, { signal });

      const networkInterfaces = [...before, added];
      task.undo.record({ notUndone: { networkInterfaces } });
      task.undo.push('detach the interface', (options) =>
        unlessGone(driver.detachInterface({ instance: task.spec, interfaceId: added.id }, options)),
      );
      await driver.attachInterface({ instance: task.spec, networkInterface: added }, { signal });
      task.setResult({ interfaceId: added.id, macAddress: added.macAddress });
      return { patch: { networkInterfaces } };
    });
  }

  /** Afterwards the guest has let go of the interface, and its network has it back. @throws ComputeError `DEVICE_NOT_FOUND`, `DEVICE_DETACH_REFUSED` */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async detachInterface(
    context: RequestContext,
    instance: Instance,
    interfaceId: string,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('detachInterface', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('interfaces');
      const { providers } = this.parts;
      const { networkInterfaces } = task.instance;
      const build = buildOf(task.instance);
      const leaving = attachedInterface(task.instance, interfaceId);
      const patch = { networkInterfaces: networkInterfaces.filter(({ id }) => id !== interfaceId) };
      await task.takeStep({ step: 'give-interface-back', interfaceId });
      task.undo.push('attach the interface again', (options) =>
        unlessGone(driver.attachInterface({ instance: task.spec, networkInterface: leaving }, options)),
      );
      await driver.detachInterface({ instance: task.spec, interfaceId }, { signal });
      // Released it is somebody else's, perhaps at once: who cannot tell whether it is must not attach it again.
      if (providers.has('networks')) {
        task.undo.push('find the interface still there', async (options) => {
          if (await this.#isAllocated(build, interfaceId, options)) return 'there';
          task.undo.record({ notUndone: patch });
          return 'enough';
        });
        await providers.networks.release(build, interfaceId, { signal });
      }
      return { patch };
    });
  }

  /** Writes the instance's network set-up into its running guest, as the networks have it now. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async injectNetworkInfo(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('injectNetworkInfo', context, instance, options, async (task, signal) => {
      const driver = this.parts.driver.with('injectNetwork');
      const networkInterfaces = await this.present(task.instance, signal);
      await driver.injectNetworkInfo({ instance: { ...task.spec, networkInterfaces } }, { signal });
      return { patch: { networkInterfaces } };
    });
  }

  /** The interfaces of an instance as their networks have them now; those that were described stay as they were. */
  async present(instance: Instance, signal: AbortSignal): Promise<readonly NetworkInterface[]> {
    const { providers } = this.parts;
    if (!providers.has('networks')) return instance.networkInterfaces;
    const found = await providers.networks.interfacesOf(buildOf(instance), { signal });
    const now = new Map(found.map((each) => [each.id, each]));
    return instance.networkInterfaces.map((each) => now.get(each.id) ?? each);
  }

  async #isAllocated(build: InstanceBuild, interfaceId: string, options: CallOptions): Promise<boolean> {
    const found = await this.parts.providers.networks.interfacesOf(build, options);
    return found.some(({ id }) => id === interfaceId);
  }
}

/** One of the instance's interfaces. @throws ComputeError `DEVICE_NOT_FOUND` */
export function attachedInterface({ uuid, networkInterfaces }: Instance, interfaceId: string): NetworkInterface {
  const found = networkInterfaces.find(({ id }) => id === interfaceId);
  if (!found) throw new ComputeError('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: interfaceId });
  return found;
}
