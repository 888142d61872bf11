import type { z } from 'zod';
import type { Providers } from '../guard/providers.js';
import { attachedInterface } from '../manager/interface-operations.js';
import type { ActionParameters } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import { door } from '../requests/door.js';
import { networkRequest, uuid } from '../requests/fields.js';
import { requestOptions, type RequestOptions } from '../requests/request-options.js';

/** What is wished for an interface: nothing, a network, an address or both. */
export type AttachInterfaceRequest = z.input<typeof networkRequest>;

/** The network interfaces of instances. Common errors: those of `ComputeApi`, and `DEVICE_NOT_FOUND` for one that the instance has not. */
export class InterfacesApi {
  readonly #acceptance: Acceptance;
  readonly #providers: Providers;

  constructor({ acceptance, providers }: { readonly acceptance: Acceptance; readonly providers: Providers }) {
    this.#acceptance = acceptance;
    this.#providers = providers;
  }

  /**
   * Gives an instance one interface more. The action's result is `{ interfaceId, macAddress }`.
   * @throws ComputeError `NOT_SUPPORTED` where no networks are configured
   */
  @door({ instanceUuid: uuid, request: networkRequest.optional(), options: requestOptions })
  async attach(
    context: RequestContext,
    instanceUuid: string,
    request: AttachInterfaceRequest = {},
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    void this.#providers.networks;
    const parameters = request as ActionParameters;
    return await this.#acceptance.accept({ name: 'attachInterface', context, instanceUuid, parameters, options });
  }

  /** Takes an interface from an instance; afterwards its network has it back. */
  @door({ instanceUuid: uuid, interfaceId: uuid, options: requestOptions })
  async detach(
    context: RequestContext,
    instanceUuid: string,
    interfaceId: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = { interfaceId };
    const check = (instance: Instance): void => void attachedInterface(instance, interfaceId);
    return await this.#acceptance.accept({
      name: 'detachInterface',
      context,
      instanceUuid,
      parameters,
      options,
      check,
    });
  }

  /** Writes the instance's network set-up into its running guest, as the networks have it now. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async injectNetworkInfo(
    context: RequestContext,
    instanceUuid: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#acceptance.accept({ name: 'injectNetworkInfo', context, instanceUuid, options });
  }
}
