import type {
  BlockDevice,
  ComputeDriver,
  DriverEnvironment,
  Image,
  InstanceSpec,
  NetworkInterface,
  Share,
} from '@virtkit/core/driver';

/**
 * What only the author of a driver can do to its host: real trouble, and a look behind the driver's back. Each gets the
 * driver that `createDriver` returned, to know which host is meant. A rule that needs one that is missing fails; one that
 * cannot be had is declared {@link Unprovable}, and {@link unprovenRules} lists what that leaves open.
 */
export interface Troubles {
  /** A second driver object on the same host, not initialised. The first may be gone, alive, or cleaned up. */
  secondDriver(driver: ComputeDriver, environment: DriverEnvironment): ComputeDriver | Promise<ComputeDriver>;

  /** The driver's process dies in the middle of whatever it does: nothing of it reaches the host from now on, not even what it undoes. */
  die(driver: ComputeDriver): void;

  /** From now on the hypervisor refuses to start, or to restore, the guest of this instance. */
  breakStart(driver: ComputeDriver, instance: InstanceSpec): BrokenStart | Promise<BrokenStart>;

  /** Removes the guest behind the driver's back. Its disks stay. */
  loseGuest(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** Makes a running guest on the host that the driver did not make. */
  foreignGuest(driver: ComputeDriver): ForeignGuest | Promise<ForeignGuest>;

  /** Shuts the guest down from inside, as its user does. */
  stopFromInside(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /**
   * The hypervisor's daemon ends without a word and is started again: the driver's connection breaks, the guests go on.
   * It may be back before this resolves.
   */
  restartHypervisor(driver: ComputeDriver): void | Promise<void>;

  /** From now on the guest does not listen when it is asked to stop. */
  ignoreShutdown(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** A word that changes whenever the guest's CPUs start from reset, and only then: a boot id, a process's id and start. */
  lifeOf(driver: ComputeDriver, instanceUuid: string): string | Promise<string>;

  /** An interface that the driver can plug, of status `down`, with a new id. */
  downInterface(driver: ComputeDriver): NetworkInterface | Promise<NetworkInterface>;

  /**
   * A driver on another host that guests of the first can be moved to, not initialised. Its environment names that host; the
   * two share storage or do not.
   */
  otherHost(driver: ComputeDriver, environment: DriverEnvironment): OtherHost | Promise<OtherHost>;

  /** From now on the two hosts do not reach each other; drivers reach their own. */
  cutLink(driver: ComputeDriver): void | Promise<void>;

  /** From now on the guest writes to its memory so fast that a live migration of it does not end by itself. */
  busyGuest(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** From now on the guest agent does not answer. */
  silenceAgent(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** A look into the guest. */
  lookInside(driver: ComputeDriver, instanceUuid: string): GuestInside | Promise<GuestInside>;

  /** A volume that a guest can be given, with a new id. */
  volume(driver: ComputeDriver): BlockDevice | Promise<BlockDevice>;

  /** From now on the guest does not let go of its devices. */
  refuseDetach(driver: ComputeDriver, instanceUuid: string): void | Promise<void>;

  /** The running guest writes something new to one of its volumes; without an id, to its own disk. */
  writeToDisk(driver: ComputeDriver, instanceUuid: string, deviceId?: string): void | Promise<void>;

  /** A word for what one of a guest's volumes holds, or its own disk: equal where the contents are. */
  contentOf(driver: ComputeDriver, instanceUuid: string, deviceId?: string): string | Promise<string>;

  /** The same word for what a file holds; `undefined` when there is nothing. */
  contentAt(driver: ComputeDriver, path: string): string | undefined | Promise<string | undefined>;

  /** A path where the driver may write a file. Nothing is there. */
  emptyPath(driver: ComputeDriver): string | Promise<string>;

  /** The volumes and interfaces that a guest has. */
  lookAtDevices(driver: ComputeDriver, instanceUuid: string): SeenDevices | Promise<SeenDevices>;

  /** An image whose files are gone. */
  missingImage(driver: ComputeDriver): Image | Promise<Image>;

  /** From now on every image that is cached so far is old enough to be removed. */
  ageImages(driver: ComputeDriver): void | Promise<void>;

  /** A share that can be mounted, with a new id. */
  share(driver: ComputeDriver): Share | Promise<Share>;
}

export type TroubleName = keyof Troubles;

export interface OtherHost {
  readonly driver: ComputeDriver;
  /** Where the first host reaches the other. */
  readonly address: string;
}

/** What the guest itself knows. Leave out what the driver has no ability for. */
export interface GuestInside {
  readonly fileSystems?: 'frozen' | 'writable';
  readonly adminPassword?: string;
  /** How often it was told to write a crash dump. */
  readonly crashDumpCount?: number;
  /** The ids of the interfaces in its network set-up. */
  readonly networkSetUp?: readonly string[];
  /** The tags of the shares it finds. */
  readonly shareTags?: readonly string[];
}

/** What a guest has now, none when it is off; and what its next start will have. */
export interface SeenDevices {
  readonly now: readonly SeenDevice[];
  readonly afterNextStart: readonly SeenDevice[];
}

export interface SeenDevice {
  /** Of the volume, or of the interface. */
  readonly id: string;
  /** Of a volume: what is written to. */
  readonly path?: string;
  readonly sizeMib?: number;
}

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
