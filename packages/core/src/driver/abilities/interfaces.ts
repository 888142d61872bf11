import type { CallOptions } from '../call-options.js';
import type { InstanceRequest } from '../driver-request.js';
import type { NetworkInterface } from '../network-interface.js';

/** Adding network interfaces to a guest and taking them away. Nova: `attach_interface`, `detach_interface`. */
export interface InterfaceAbility {
  /**
   * Afterwards the guest has the interface, now and after its next start. On failure it has it in neither. Idempotent: one that is
   * there already is success. @throws ComputeError `TOO_MANY_DEVICES`, `VIF_PLUG_FAILED`
   */
  attachInterface(request: AttachInterfaceRequest, options?: CallOptions): Promise<void>;
  /** Idempotent. @throws ComputeError `DEVICE_DETACH_REFUSED` with effect `none` */
  detachInterface(request: DetachInterfaceRequest, options?: CallOptions): Promise<void>;
}

export interface AttachInterfaceRequest extends InstanceRequest {
  readonly networkInterface: NetworkInterface;
}

export interface DetachInterfaceRequest extends InstanceRequest {
  readonly interfaceId: string;
}

/** The host's ends of a guest's interfaces. Nova: `plug_vifs`, `unplug_vifs`; called at start for every instance. */
export interface VifAbility {
  /** Idempotent. @throws ComputeError `VIF_PLUG_FAILED` */
  plugVifs(request: InstanceRequest, options?: CallOptions): Promise<void>;
  /** Idempotent. */
  unplugVifs(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

/** Writing a changed network set-up into a running guest. Nova: `inject_network_info`. */
export interface InjectNetworkAbility {
  /** Afterwards the guest's own set-up is that of the spec's interfaces. Idempotent. */
  injectNetworkInfo(request: InstanceRequest, options?: CallOptions): Promise<void>;
}
