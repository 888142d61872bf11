interface InterfaceIdentity {
  /** The port's uuid: names the interface in events and calls. */
  readonly id: string;
  /** Lower case, colon-separated. Unique in its guest. */
  readonly macAddress: string;
  /** Bytes; the network's default when left out. */
  readonly mtuBytes?: number;
  /**
   * What the network has said of the port. A driver that starts guests paused waits for `network-vif-plugged` of those
   * that are not `active`.
   */
  readonly status: 'active' | 'down';
}

/** A tap device on a bridge of the host. */
export interface BridgeInterface extends InterfaceIdentity {
  readonly type: 'bridge';
  /** The bridge's device name on the host. */
  readonly bridge: string;
}

/** Outgoing connections only, through the hypervisor's own process. Needs no privilege. */
export interface UserModeInterface extends InterfaceIdentity {
  readonly type: 'user';
}

/** A network that the hypervisor manages, by the name it has there. */
export interface NamedNetworkInterface extends InterfaceIdentity {
  readonly type: 'network';
  readonly network: string;
}

export type NetworkInterface = BridgeInterface | NamedNetworkInterface | UserModeInterface;
