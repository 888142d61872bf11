import { z } from 'zod';
import { claimsSchema, type AllocationRatios, type ClaimsConfiguration } from '../claims/claims-configuration.js';
import {
  checkedValue,
  isList,
  type ConfiguredDriver,
  type DriverDefinition,
  type DriverMethodName,
} from '../driver/index.js';
import { driverCalls } from '../guard/driver-call-table.js';
import { lifeSchema, type CheckedLife, type HostLifeConfiguration } from '../host-life/life-configuration.js';
import { knownFields } from '../model/known-fields.js';
import type { DriverChoice } from './choose-driver.js';
import { checkDriverDefinitions } from './driver-definitions.js';
import { duration, processName, sharedFields, type CheckedShared, type SharedOptions } from './shared-options.js';

/** What can be said of a host in plain data, as from a file. */
export interface HostConfiguration {
  /** Which of the registered drivers, and how it is set up. */
  readonly driver: DriverChoice;
  /** The name of this host in every record. Default `localhost`. */
  readonly host?: string;
  /** When a driver call is aborted, in milliseconds by method, over the defaults. */
  readonly driverTimeoutsMs?: Partial<Record<DriverMethodName, number>>;
  /** How long an aborted driver call may take to settle before it is given up. Default 10,000. */
  readonly driverGraceMs?: number;
  /**
   * How long an operation that preempts another waits for the other's end before its own first effect, in milliseconds. Default 10,000: then it
   * settles what the other's record says, and whatever the other still does is refused. A delete never waits longer for one.
   */
  readonly preemptWaitMs?: number;
  /** How long `close` waits for what runs before it cancels it. Default 30,000. */
  readonly drainMs?: number;
  /**
   * How long after its deadline an action may go on taking back what it has done, in milliseconds. What is not taken back then is pending, and the
   * action ends: at the latest 20 seconds later, when the calls that hang have been given up. Default 10,000.
   */
  readonly undoMs?: number;
  /** How this process holds the host it looks after, when several could. */
  readonly session?: SessionConfiguration;
  /** How much of the host may be given away. */
  readonly claims?: ClaimsConfiguration;
  /** What the host does by itself, now and then. */
  readonly hostLife?: HostLifeConfiguration;
}

export interface SessionConfiguration {
  /** How long the host stays this process's after its last sign of life, in milliseconds. Default 30,000. */
  readonly leaseMs?: number;
  /**
   * What becomes of a predecessor whose lease lasts. Default `when-expired`: its end is waited for. `at-once` is for those who know
   * that it is dead, as a service manager that runs one process does.
   */
  readonly takeOver?: 'when-expired' | 'at-once';
}

/** How a driver is given: made by the function of its package, as `libvirt({ … })`, or chosen of those that are registered. */
export interface DriverOptions {
  readonly driver: ConfiguredDriver | DriverChoice;
  /** The drivers that configuration may name. */
  readonly drivers?: readonly DriverDefinition[];
}

/** The configuration of a host without an API, and its parts. */
export interface ComputeHostOptions extends Omit<HostConfiguration, 'driver'>, DriverOptions, SharedOptions {}

export const hostFields = {
  drivers: z.unknown(),
  driver: knownFields(
    { name: z.string('the name of a registered driver'), configuration: z.unknown().optional() },
    'an object with the name of a registered driver',
  ),
  host: processName.default('localhost'),
  driverTimeoutsMs: z
    .partialRecord(z.enum(Object.keys(driverCalls), 'the name of a driver method'), duration)
    .default({}),
  driverGraceMs: duration.default(10_000),
  preemptWaitMs: duration.default(10_000),
  drainMs: duration.default(30_000),
  undoMs: duration.default(10_000),
  session: knownFields({
    leaseMs: z.number('milliseconds, 1,000 or more').min(1_000, 'milliseconds, 1,000 or more').default(30_000),
    takeOver: z.enum(['when-expired', 'at-once'], 'when-expired or at-once').default('when-expired'),
  }).default({ leaseMs: 30_000, takeOver: 'when-expired' }),
  claims: claimsSchema,
  hostLife: lifeSchema,
};

const hostSchema = knownFields({ ...sharedFields, ...hostFields }, 'an object with drivers and a driver');

export type CheckedHost = CheckedShared &
  Required<Omit<HostConfiguration, 'session' | 'claims' | 'hostLife'>> & {
    readonly session: Required<SessionConfiguration>;
    readonly claims: { readonly ratios: AllocationRatios };
    readonly hostLife: CheckedLife;
  };

export interface CheckedDrivers {
  readonly drivers: readonly DriverDefinition[];
}

/**
 * The configuration of a host, checked, and the drivers that it may name.
 * @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted
 */
export async function checkHostOptions(options: ComputeHostOptions): Promise<CheckedHost & CheckedDrivers> {
  return await checkedWithDrivers(hostSchema, options);
}

/** What a schema makes of options that give a driver. @throws ComputeError `INVALID_CONFIGURATION` */
export async function checkedWithDrivers<Checked extends { readonly drivers?: unknown }>(
  schema: z.ZodType<Checked>,
  options: DriverOptions,
): Promise<Checked & CheckedDrivers> {
  const checked = await checkedValue(schema, await named(options), 'INVALID_CONFIGURATION');
  const { drivers } = checked;
  checkDriverDefinitions(drivers);
  return { ...checked, drivers };
}

const configuredDriver = knownFields(
  {
    definition: z.looseObject({ name: z.string('a driver definition') }, 'a driver definition'),
    configuration: z.unknown(),
  },
  'a driver with its configuration',
);

/** A driver that comes with its configuration is registered beside the others, and named. */
async function named(options: DriverOptions): Promise<unknown> {
  if (typeof options !== 'object' || options === null || isList(options)) return options;
  const { driver, drivers = [] } = options;
  if (typeof driver !== 'object' || driver === null || !('definition' in driver)) return { ...options, drivers };
  await checkedValue(configuredDriver, driver, 'INVALID_CONFIGURATION', 'driver');
  const { definition, configuration } = driver;
  const choice = { name: definition.name, configuration };
  if (!Array.isArray(drivers)) return { ...options, driver: choice };
  const others = (drivers as readonly unknown[]).filter((each) => each !== definition);
  return { ...options, driver: choice, drivers: [definition, ...others] };
}
