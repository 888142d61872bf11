import type { NetworkInterface } from '../driver/index.js';
import type { CallOptions } from './call-options.js';
import type { InstanceBuild } from './volume-provider.js';

/**
 * Where the manager gets the network interfaces of instances from. In an OpenStack cloud this is Neutron.
 *
 * ## Words
 * - **interface**: an instance's port on a network: a uuid, a MAC address, and how a driver connects it on the host it is bound to.
 * - **host**: the compute host by the name its manager goes by. How an interface is connected may differ from host to host.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` and nothing else: `STORE_UNAVAILABLE` when its records fail, `NETWORK_UNAVAILABLE` when a network does.
 * - Calls for one instance do not overlap; calls for different instances do.
 * - A caller who lost an answer repeats the call: every method is idempotent.
 * - An aborted call leaves everything as it was, or done; nothing half.
 * - An interface that was answered is the instance's until it is released, whatever happens to the manager meanwhile. Its id and its MAC
 *   address never change, and nobody else has them.
 * - Ready networks answer `status: 'active'`. One that answers `down` tells of `network-vif-plugged` later, as an external event.
 */
export interface NetworkProvider {
  /**
   * A manager has taken its host: `options.leader` says which. Afterwards changes under a lower epoch of that host are refused with
   * `SESSION_LOST`, whatever was asked before. Called once at the start of a manager. Optional: without it a provider learns of a new
   * manager by the manager's first call.
   */
  leaderChanged?(options?: CallOptions): Promise<void>;

  /**
   * Whether requests name networks that the project may use and that reach the host. Changes nothing, and reserves nothing. Optional: without it
   * the build finds out.
   * @throws ComputeError `NETWORK_NOT_FOUND`, `INVALID_INPUT`, `NETWORK_UNAVAILABLE`
   */
  checkRequests?(asked: NetworkCheck, options?: CallOptions): Promise<void>;

  /**
   * Gives a new instance its interfaces on a host, in the order of the requests: all of them or none. A build that has some already gets
   * these as they are, and the requests are not looked at.
   * @throws ComputeError `NETWORK_NOT_FOUND`, also for one the project may not use; `INVALID_INPUT`;
   * `INSUFFICIENT_RESOURCES` of `ports`; `INSTANCE_EXISTS` when another build of the same instance has interfaces; `RESERVATION_ENDED`
   */
  allocate(allocation: NetworkAllocation, options?: CallOptions): Promise<readonly NetworkInterface[]>;

  /** One interface more. The same key once more answers with the same interface. @throws ComputeError as {@link allocate} */
  attach(attachment: InterfaceAttachment, options?: CallOptions): Promise<NetworkInterface>;

  /** Takes one interface back. One that the build does not have is released. */
  release(build: InstanceBuild, interfaceId: string, options?: CallOptions): Promise<void>;

  /**
   * Takes back what was allocated or attached under a reservation, and ends the reservation: an `allocate` or `attach` of its name that
   * gets through late is refused with `RESERVATION_ENDED`. A reservation that was never made has ended too.
   */
  unreserve(build: InstanceBuild, reservationId: string, options?: CallOptions): Promise<void>;

  /** Takes back all that a build has. Another build's interfaces are left alone. */
  releaseAll(build: InstanceBuild, options?: CallOptions): Promise<void>;

  /**
   * Binds all interfaces of a build to another host, and answers them as a driver connects them there. Where they are bound already
   * they are answered. @throws ComputeError `NETWORK_UNAVAILABLE` when a network does not reach that host
   */
  moveTo(build: InstanceBuild, host: string, options?: CallOptions): Promise<readonly NetworkInterface[]>;

  /** What a build has, in the order it got them, as of the host they are bound to. Empty for one that has none or is unknown. */
  interfacesOf(build: InstanceBuild, options?: CallOptions): Promise<readonly NetworkInterface[]>;
}

/** What a tenant may wish for an interface. */
export interface NetworkRequest {
  /** Left out: the network that the provider gives to those who do not ask. */
  readonly networkId?: string;
  /** Lower case, colon-separated. Left out: a free one. */
  readonly macAddress?: string;
}

export interface NetworkCheck {
  readonly projectId: string;
  /** Where the instance will run. */
  readonly host: string;
  readonly requests: readonly NetworkRequest[];
}

export interface NetworkAllocation extends InstanceBuild {
  /** Names the allocation, so that it can be taken back before its answer has come. */
  readonly reservationId?: string;
  readonly projectId: string;
  /** Where the instance will run. */
  readonly host: string;
  /** An empty list: the instance wants no network. */
  readonly requests: readonly NetworkRequest[];
}

export interface InterfaceAttachment extends InstanceBuild {
  readonly projectId: string;
  readonly host: string;
  readonly request: NetworkRequest;
  /** Chosen by the caller, once for each interface it wants: the uuid of the action that attaches. It names the reservation. */
  readonly idempotencyKey: string;
}
