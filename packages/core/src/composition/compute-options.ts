import { z } from 'zod';
import { claimsSchema, type AllocationRatios, type ClaimsConfiguration } from '../claims/claims-configuration.js';
import {
  checkedValue,
  isList,
  type Clock,
  type ConfiguredDriver,
  type DriverDefinition,
  type DriverLog,
  type DriverMethodName,
} from '../driver/index.js';
import { driverCalls } from '../guard/driver-call-table.js';
import { lifeSchema, type CheckedLife, type HostLifeConfiguration } from '../host-life/life-configuration.js';
import { knownFields } from '../model/known-fields.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import { whole } from '../requests/fields.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { DriverChoice } from './choose-driver.js';
import { checkDriverDefinitions } from './driver-definitions.js';

/** What can be said of a compute manager in plain data, as from a file. */
export interface ComputeConfiguration {
  /** Which of the registered drivers, and how it is set up. */
  readonly driver: DriverChoice;
  /** The name of this host in every record. Default `localhost`. */
  readonly host?: string;
  /** When a driver call is aborted, in milliseconds by method, over the defaults. */
  readonly driverTimeoutsMs?: Partial<Record<DriverMethodName, number>>;
  /** How long an aborted driver call may take to settle before it is given up. Default 10,000. */
  readonly driverGraceMs?: number;
  /** When a call to a provider is aborted, in milliseconds. A provider that hashes images as it is asked needs minutes. */
  readonly providerTimeoutsMs?: ProviderTimeouts;
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
  /** How long a console token is good, in milliseconds. Default 600,000. */
  readonly consoleTokenMs?: number;
  /** How this process holds the host it looks after, when several could. */
  readonly session?: SessionConfiguration;
  /** How long a guest that is to be stopped may take to stop by itself before it is stopped, in milliseconds. Default 60,000; 0: it is not asked. */
  readonly shutdownTimeoutMs?: number;
  /** What tenants may do beyond their instances. */
  readonly access?: AccessConfiguration;
  /** How much of the host may be given away. */
  readonly claims?: ClaimsConfiguration;
  /** What the host does by itself, now and then. */
  readonly hostLife?: HostLifeConfiguration;
}

export interface ProviderTimeouts {
  /** Default 600,000. */
  readonly images?: number;
  /** Default 180,000. */
  readonly networks?: number;
  /** Default 180,000. */
  readonly volumes?: number;
}

export interface AccessConfiguration {
  /**
   * Who may name files and devices of the host: describe an image by its `location`, and interfaces by their bridges and networks, instead of
   * naming what the providers have. Default `operators`: a tenant is refused with `FORBIDDEN`. `everybody` is for a service whose tenants may
   * read every file that the hypervisor can, and join every bridge.
   */
  readonly hostResources?: 'operators' | 'everybody';
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

/** A compute manager's configuration and its parts. */
export interface ComputeOptions extends Omit<ComputeConfiguration, 'driver'> {
  /** The driver of this host: made by the function of its package, as `libvirt({ … })`, or chosen of `drivers` by its name. */
  readonly driver: ConfiguredDriver | DriverChoice;
  /** The drivers that configuration may name. */
  readonly drivers?: readonly DriverDefinition[];
  /** Default: in memory. It may serve several managers, and is closed by whoever opened it. */
  readonly store?: ComputeStore;
  /** Where images are; without one, requests name their images' files, and nothing that makes an image is supported. */
  readonly images?: ImageProvider;
  /** Where network interfaces come from; without one, requests describe them. */
  readonly networks?: NetworkProvider;
  /** Where volumes come from; without one there are none. */
  readonly volumes?: VolumeProvider;
  /**
   * How the managers of other hosts are found, between which instances move. Default: there are no others. Managers of one process are
   * given the same `InProcessPeers`.
   */
  readonly peers?: HostPeers;
  /** Default: pino, to standard output. */
  readonly log?: DriverLog;
  /** Default: the machine's time. */
  readonly clock?: Clock;
}

const duration = z.number('milliseconds, 1 or more').min(1, 'milliseconds, 1 or more');
const part = z.custom<object>((value) => typeof value === 'object' && value !== null, 'an object').optional();

/** What is not plain data: looked at by those that use it. */
const parts = {
  drivers: z.unknown(),
  store: part,
  log: part,
  clock: part,
  images: part,
  networks: part,
  volumes: part,
  peers: part,
};

const configurationSchema = knownFields(
  {
    ...parts,
    driver: knownFields(
      { name: z.string('the name of a registered driver'), configuration: z.unknown().optional() },
      'an object with the name of a registered driver',
    ),
    host: z
      .string('1 to 255 characters')
      .min(1, '1 to 255 characters')
      .max(255, '1 to 255 characters')
      .default('localhost'),
    driverTimeoutsMs: z
      .partialRecord(z.enum(Object.keys(driverCalls), 'the name of a driver method'), duration)
      .default({}),
    driverGraceMs: duration.default(10_000),
    providerTimeoutsMs: knownFields({
      images: duration.default(600_000),
      networks: duration.default(180_000),
      volumes: duration.default(180_000),
    }).prefault({}),
    preemptWaitMs: duration.default(10_000),
    drainMs: duration.default(30_000),
    undoMs: duration.default(10_000),
    consoleTokenMs: duration.default(600_000),
    session: knownFields({
      leaseMs: z.number('milliseconds, 1,000 or more').min(1_000, 'milliseconds, 1,000 or more').default(30_000),
      takeOver: z.enum(['when-expired', 'at-once'], 'when-expired or at-once').default('when-expired'),
    }).default({ leaseMs: 30_000, takeOver: 'when-expired' }),
    shutdownTimeoutMs: whole(0, 86_400_000).default(60_000),
    access: knownFields(
      { hostResources: z.enum(['operators', 'everybody'], 'operators or everybody').default('operators') },
      'an object with hostResources',
    ).prefault({}),
    claims: claimsSchema,
    hostLife: lifeSchema,
  },
  'an object with drivers and a driver',
);

export type CheckedConfiguration = Required<
  Omit<ComputeConfiguration, 'session' | 'access' | 'claims' | 'hostLife' | 'providerTimeoutsMs'>
> & {
  readonly access: Required<AccessConfiguration>;
  readonly providerTimeoutsMs: Required<ProviderTimeouts>;
  readonly hostLife: CheckedLife;
  readonly claims: { readonly ratios: AllocationRatios };
  readonly session: Required<SessionConfiguration>;
};

/**
 * The configuration, checked, and the drivers that it may name.
 * @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted
 */
export async function checkConfiguration(
  options: ComputeOptions,
): Promise<CheckedConfiguration & { readonly drivers: readonly DriverDefinition[] }> {
  const checked = await checkedValue(configurationSchema, await named(options), 'INVALID_CONFIGURATION');
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
async function named(options: ComputeOptions): Promise<unknown> {
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
