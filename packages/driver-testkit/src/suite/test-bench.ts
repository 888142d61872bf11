import type {
  Abilities,
  BlockDevice,
  Capability,
  ComputeDriver,
  DriverEvent,
  Image,
  InstanceSpec,
  NetworkInterface,
  Share,
} from '@virtkit/core/driver';
import { testEnvironment, type TestEnvironment } from '../environment/test-environment.js';
import type { DriverUnderTest } from './driver-under-test.js';
import type { BrokenStart, ForeignGuest, GuestInside, SeenDevices, TroubleName, Troubles } from './troubles.js';
import { watchedDriver, type WatchedDriver } from './watched-driver.js';

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** A driver with all of some abilities. */
export type AbleDriver<C extends Capability> = ComputeDriver &
  ([C] extends [never] ? unknown : Intersection<Abilities[C]>);

/** A driver on another host, initialised. */
export interface OtherHost<C extends Capability = never> {
  readonly driver: AbleDriver<C>;
  readonly environment: TestEnvironment;
  /** Where the first host reaches it. */
  readonly address: string;
}

/** What one rule is proven on: a driver on a host of its own. */
export class TestBench<C extends Capability = Capability> {
  readonly environment: TestEnvironment;
  readonly #subject: DriverUnderTest;
  readonly #bare: ComputeDriver;
  readonly #watched: WatchedDriver;
  readonly #instances = new Map<string, InstanceSpec>();
  readonly #secondDrivers: ComputeDriver[] = [];

  constructor(subject: DriverUnderTest, environment: TestEnvironment, bare: ComputeDriver) {
    this.#subject = subject;
    this.environment = environment;
    this.#bare = bare;
    this.#watched = watchedDriver(bare);
  }

  static async open(subject: DriverUnderTest): Promise<TestBench> {
    const environment = testEnvironment();
    return new TestBench(subject, environment, await subject.createDriver(environment));
  }

  get driver(): AbleDriver<C> {
    return this.#watched.driver as AbleDriver<C>;
  }

  get subject(): DriverUnderTest {
    return this.#subject;
  }

  /** The calls that have not settled yet. */
  get callsUnderWay(): readonly string[] {
    return this.#watched.callsUnderWay();
  }

  /** An instance the driver can boot. Frozen, since a spec is a value. Whatever becomes of it is removed in the end. */
  instance(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
    const instance = deepFrozen(this.#subject.instance(overrides));
    this.#instances.set(instance.uuid, instance);
    return instance;
  }

  /** An instance whose guest runs. */
  async spawned(overrides: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
    const instance = this.instance(overrides);
    await this.driver.spawn({ instance });
    return instance;
  }

  /** An instance whose guest waits for its network to come up. */
  async instanceOfDownNetwork(overrides: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
    const networkInterface = await this.#trouble('downInterface')(this.#bare);
    return this.instance({ ...overrides, networkInterfaces: [networkInterface] });
  }

  /** The network says of every interface of the instance what has become of it. */
  tellOfVifs(instance: InstanceSpec, status: 'completed' | 'failed'): void {
    for (const { id } of instance.networkInterfaces) {
      const event = { instanceUuid: instance.uuid, name: 'network-vif-plugged', tag: id, status } as const;
      this.environment.externalEvents.deliver(event);
    }
  }

  /** A second driver on the same host, initialised, with an environment of its own. */
  async secondDriver(): Promise<{ readonly driver: AbleDriver<C>; readonly environment: TestEnvironment }> {
    const environment = testEnvironment();
    const driver = await this.#trouble('secondDriver')(this.#bare, environment);
    this.#secondDrivers.push(driver);
    await driver.initHost({});
    return { driver: driver as AbleDriver<C>, environment };
  }

  /** At once: whoever is in the middle of something does no more of it. */
  die(): void {
    this.#trouble('die')(this.#bare);
  }

  /** A driver on another host that guests can be moved to. */
  async otherHost(): Promise<OtherHost<C>> {
    const environment = testEnvironment({ host: 'other-test-host' });
    const { driver, address } = await this.#trouble('otherHost')(this.#bare, environment);
    this.#secondDrivers.push(driver);
    await driver.initHost({});
    return { driver: driver as AbleDriver<C>, environment, address };
  }

  async cutLink(): Promise<void> {
    await this.#trouble('cutLink')(this.#bare);
  }

  async busyGuest({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('busyGuest')(this.#bare, uuid);
  }

  async silenceAgent({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('silenceAgent')(this.#bare, uuid);
  }

  async lookInside({ uuid }: InstanceSpec): Promise<GuestInside> {
    return await this.#trouble('lookInside')(this.#bare, uuid);
  }

  /** Starts fail on this host, or on the other. */
  async breakStart(instance: InstanceSpec, at: At = {}): Promise<BrokenStart> {
    return await this.#trouble('breakStart')(at.driver ?? this.#bare, instance);
  }

  async volume(): Promise<BlockDevice> {
    return deepFrozen(await this.#trouble('volume')(this.#bare));
  }

  /** An interface whose network is ready. */
  async activeInterface(): Promise<NetworkInterface> {
    return { ...(await this.#trouble('downInterface')(this.#bare)), status: 'active' };
  }

  async downInterface(): Promise<NetworkInterface> {
    return await this.#trouble('downInterface')(this.#bare);
  }

  async refuseDetach({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('refuseDetach')(this.#bare, uuid);
  }

  async writeToDisk({ uuid }: InstanceSpec, deviceId?: string): Promise<void> {
    await this.#trouble('writeToDisk')(this.#bare, uuid, deviceId);
  }

  async contentOf({ uuid }: InstanceSpec, deviceId?: string, at: At = {}): Promise<string> {
    return await this.#trouble('contentOf')(at.driver ?? this.#bare, uuid, deviceId);
  }

  async contentAt(path: string): Promise<string | undefined> {
    return await this.#trouble('contentAt')(this.#bare, path);
  }

  async emptyPath(): Promise<string> {
    return await this.#trouble('emptyPath')(this.#bare);
  }

  async lookAtDevices({ uuid }: Pick<InstanceSpec, 'uuid'>): Promise<SeenDevices> {
    return await this.#trouble('lookAtDevices')(this.#bare, uuid);
  }

  async missingImage(): Promise<Image> {
    return await this.#trouble('missingImage')(this.#bare);
  }

  async ageImages(): Promise<void> {
    await this.#trouble('ageImages')(this.#bare);
  }

  async share(): Promise<Share> {
    return await this.#trouble('share')(this.#bare);
  }

  async loseGuest({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('loseGuest')(this.#bare, uuid);
  }

  async foreignGuest(): Promise<ForeignGuest> {
    return await this.#trouble('foreignGuest')(this.#bare);
  }

  async stopFromInside({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('stopFromInside')(this.#bare, uuid);
  }

  /** The hypervisor's daemon ends and is started again. Resolves when the driver has told both. */
  async restartHypervisor(): Promise<void> {
    const { environment } = this;
    const seen = (type: DriverEvent['type']): number =>
      environment.events.filter((event) => event.type === type).length;
    const [gone, back] = [seen('unavailable'), seen('available')];
    await this.#trouble('restartHypervisor')(this.#bare);
    await environment.untilEvent('unavailable', { after: gone });
    await environment.untilEvent('available', { after: back });
  }

  /** The same, whatever the driver tells. */
  async restartSilently(): Promise<void> {
    await this.#trouble('restartHypervisor')(this.#bare);
  }

  async ignoreShutdown({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('ignoreShutdown')(this.#bare, uuid);
  }

  /** The life of a guest on this host, or on the other. */
  async lifeOf({ uuid }: InstanceSpec, at: At = {}): Promise<string> {
    return await this.#trouble('lifeOf')(at.driver ?? this.#bare, uuid);
  }

  /**
   * Removes what the rule has made, as far as the driver lets it: whether `destroy` and `cleanupHost` work is the matter of
   * their own rules, and what they leave is for `discardHost`, whose failure is one.
   */
  async tidyUp(): Promise<void> {
    this.environment.fence.reopen();
    const drivers = [this.#bare, ...this.#secondDrivers];
    for (const uuid of this.#instances.keys()) {
      for (const driver of drivers) await destroyed(driver, uuid).catch(() => {});
    }
    for (const driver of drivers) await driver.cleanupHost({}).catch(() => {});
  }

  async discardHost(): Promise<void> {
    await this.#subject.discardHost?.(this.#bare);
  }

  #trouble<Name extends TroubleName>(name: Name): Troubles[Name] {
    const trouble = this.#subject.troubles[name];
    if (typeof trouble !== 'function') {
      throw new TypeError(`A rule uses ${name} and does not say so in its troubles.`);
    }
    return trouble.bind(this.#subject.troubles) as Troubles[Name];
  }
}

/** Where a trouble is made; left out, on the host of the bench. */
interface At {
  readonly driver?: ComputeDriver;
}

/** Whichever generation there is. */
async function destroyed(driver: ComputeDriver, uuid: string): Promise<void> {
  const { generation = null } = await driver.inspect({ instanceUuid: uuid });
  await driver.destroy({ instance: { uuid, generation } });
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFrozen(inner);
  return Object.freeze(value);
}
