import type { ComputeDriver, DriverCapabilities, DriverEnvironment, InstanceSpec } from '@virtkit/core/driver';
import type { TroubleName, Troubles, Unprovable } from './troubles.js';

/** A driver, as the suite gets hold of it. */
export interface DriverUnderTest {
  /** What every driver from `createDriver` declares. It chooses which rules apply. */
  readonly capabilities: DriverCapabilities;

  /** A driver on a host of its own without managed guests, not initialised. Called once a rule. */
  createDriver(environment: DriverEnvironment): ComputeDriver | Promise<ComputeDriver>;

  /** An instance with a new uuid that the driver can boot, of two seconds or less where it can be had. */
  instance(overrides?: Partial<InstanceSpec>): InstanceSpec;

  /**
   * Removes the host of a driver with everything on it. Called at the end of a rule, after the suite has destroyed its
   * instances and called `cleanupHost` as far as the driver let it.
   */
  discardHost?(driver: ComputeDriver): void | Promise<void>;

  /** How long one rule may take, in real time. Default 20,000. Give the runner a longer limit, or it will speak first. */
  readonly ruleTimeoutMs?: number;

  /** See {@link Troubles}. */
  readonly troubles: { readonly [Name in TroubleName]?: Troubles[Name] | Unprovable };
}
