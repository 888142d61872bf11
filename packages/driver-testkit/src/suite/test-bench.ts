import type { Abilities, Capability, ComputeDriver, InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment, type TestEnvironment } from '../environment/test-environment.js';
import type { DriverUnderTest } from './driver-under-test.js';
import type { BrokenStart, ForeignGuest, TroubleName, Troubles } from './troubles.js';
import { watchedDriver, type WatchedDriver } from './watched-driver.js';

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** A driver with all of some abilities. */
export type AbleDriver<C extends Capability> = ComputeDriver &
  ([C] extends [never] ? unknown : Intersection<Abilities[C]>);

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
    await this.driver.spawn(instance);
    return instance;
  }

  /** An instance whose guest waits for its network to come up. */
  async instanceOfDownNetwork(): Promise<InstanceSpec> {
    const networkInterface = await this.#trouble('downInterface')(this.#bare);
    return this.instance({ networkInterfaces: [networkInterface] });
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
    await driver.initHost();
    return { driver: driver as AbleDriver<C>, environment };
  }

  async breakStart(instance: InstanceSpec): Promise<BrokenStart> {
    return await this.#trouble('breakStart')(this.#bare, instance);
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

  async ignoreShutdown({ uuid }: InstanceSpec): Promise<void> {
    await this.#trouble('ignoreShutdown')(this.#bare, uuid);
  }

  async lifeOf({ uuid }: InstanceSpec): Promise<string> {
    return await this.#trouble('lifeOf')(this.#bare, uuid);
  }

  /**
   * Removes what the rule has made, as far as the driver lets it: whether `destroy` and `cleanupHost` work is the matter of
   * their own rules, and what they leave is for `discardHost`, whose failure is one.
   */
  async tidyUp(): Promise<void> {
    for (const uuid of this.#instances.keys()) await this.#bare.destroy(uuid).catch(() => {});
    for (const driver of [this.#bare, ...this.#secondDrivers]) await driver.cleanupHost().catch(() => {});
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

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFrozen(inner);
  return Object.freeze(value);
}
