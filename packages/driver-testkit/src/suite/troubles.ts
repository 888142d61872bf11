import type { ComputeDriver, DriverEnvironment, InstanceSpec, NetworkInterface } from '@virtkit/core/driver';

/**
 * What only the author of a driver can do to its host: real trouble, and a look behind the driver's back. Each gets the
 * driver that `createDriver` returned, to know which host is meant. A rule that needs one that is missing fails; one that
 * cannot be had is declared {@link Unprovable}, and {@link unprovenRules} lists what that leaves open.
 */
export interface Troubles {
  /** A second driver object on the same host, not initialised. The first may be gone, alive, or cleaned up. */
  secondDriver(driver: ComputeDriver, environment: DriverEnvironment): ComputeDriver | Promise<ComputeDriver>;

  /** From now on the hypervisor refuses to start, or to restore, the guest of this instance. */
  breakStart(driver: ComputeDriver, instance: InstanceSpec): BrokenStart | Promise<BrokenStart>;

  /** Removes the guest behind the driver's back. Its disks stay. */
  loseGuest(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** Makes a running guest on the host that the driver did not make. */
  foreignGuest(driver: ComputeDriver): ForeignGuest | Promise<ForeignGuest>;

  /** Shuts the guest down from inside, as its user does. */
  stopFromInside(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** From now on the guest does not listen when it is asked to stop. */
  ignoreShutdown(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** A word that changes whenever the guest's CPUs start from reset, and only then: a boot id, a process's id and start. */
  lifeOf(driver: ComputeDriver, instanceUuid: string): string | Promise<string>;

  /** An interface that the driver can plug, of status `down`, with a new id. */
  downInterface(driver: ComputeDriver): NetworkInterface | Promise<NetworkInterface>;
}

export type TroubleName = keyof Troubles;

export interface BrokenStart {
  /** Words of the host in the hypervisor's refusal (a path, a host name): operators must find one, tenants none. */
  readonly hostWords: readonly string[];
  /** Starts work again. */
  heal(): void | Promise<void>;
}

export interface ForeignGuest {
  readonly uuid: string;
  /** Whether it runs as it did. */
  look(): 'untouched' | 'touched' | Promise<'untouched' | 'touched'>;
}

/** Why rules cannot be proven of a driver, in words for the reader of its tests. */
export interface Unprovable {
  readonly unprovenBecause: string;
}
