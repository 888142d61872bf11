import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';
import type { NetworkInterface } from '../network-interface.js';

/** Adding network interfaces to a guest and taking them away. Nova: `attach_interface`, `detach_interface`. */
export interface InterfaceAbility {
  /**
   * Afterwards the guest has the interface, now and after its next start. On failure it has it in neither. Idempotent: one that is
   * there already is success. @throws ComputeError `TOO_MANY_DEVICES`, `VIF_PLUG_FAILED`
   */
  attachInterface(instance: InstanceSpec, networkInterface: NetworkInterface, options?: CallOptions): Promise<void>;
  /** Idempotent. @throws ComputeError `DEVICE_DETACH_REFUSED` with effect `none` */
  detachInterface(instance: InstanceSpec, interfaceId: string, options?: CallOptions): Promise<void>;
}

/** The host's ends of a guest's interfaces. Nova: `plug_vifs`, `unplug_vifs`; called at start for every instance. */
export interface VifAbility {
  /** Idempotent. @throws ComputeError `VIF_PLUG_FAILED` */
  plugVifs(instance: InstanceSpec, options?: CallOptions): Promise<void>;
  /** Idempotent. */
  unplugVifs(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

/** Writing a changed network set-up into a running guest. Nova: `inject_network_info`. */
export interface InjectNetworkAbility {
  /** Afterwards the guest's own set-up is that of the spec's interfaces. Idempotent. */
  injectNetworkInfo(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}
