import { z } from 'zod';
import { claimsSchema, type AllocationRatios, type ClaimsConfiguration } from '../claims/claims-configuration.js';
import {
  checkedValue,
  type Clock,
  type DriverDefinition,
  type DriverLog,
  type DriverMethodName,
} from '../driver/index.js';
import { driverCalls } from '../guard/driver-call-table.js';
import { lifeSchema, type CheckedLife, type HostLifeConfiguration } from '../host-life/life-configuration.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { DriverChoice } from './choose-driver.js';

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
  /** How long a console token is good, in milliseconds. Default 600,000. */
  readonly consoleTokenMs?: number;
  /** How this process holds the host it looks after, when several could. */
  readonly session?: SessionConfiguration;
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
export interface ComputeOptions extends ComputeConfiguration {
  /** The drivers that configuration may name. */
  readonly drivers: readonly DriverDefinition[];
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

const configurationSchema = z.object({
  driver: z.object(
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
  providerTimeoutsMs: z
    .strictObject({
      images: duration.default(600_000),
      networks: duration.default(180_000),
      volumes: duration.default(180_000),
    })
    .prefault({}),
  preemptWaitMs: duration.default(10_000),
  drainMs: duration.default(30_000),
  consoleTokenMs: duration.default(600_000),
  session: z
    .object({
      leaseMs: z.number('milliseconds, 1,000 or more').min(1_000, 'milliseconds, 1,000 or more').default(30_000),
      takeOver: z.enum(['when-expired', 'at-once'], 'when-expired or at-once').default('when-expired'),
    })
    .default({ leaseMs: 30_000, takeOver: 'when-expired' }),
  claims: claimsSchema,
  hostLife: lifeSchema,
});

export type CheckedConfiguration = Required<
  Omit<ComputeConfiguration, 'session' | 'claims' | 'hostLife' | 'providerTimeoutsMs'>
> & {
  readonly providerTimeoutsMs: Required<ProviderTimeouts>;
  readonly hostLife: CheckedLife;
  readonly claims: { readonly ratios: AllocationRatios };
  readonly session: Required<SessionConfiguration>;
};

/** @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted */
export async function checkConfiguration({
  drivers: _drivers,
  store: _store,
  log: _log,
  clock: _clock,
  images: _images,
  networks: _networks,
  volumes: _volumes,
  peers: _peers,
  ...plain
}: ComputeOptions): Promise<CheckedConfiguration> {
  return await checkedValue(configurationSchema, plain, 'INVALID_CONFIGURATION');
}
