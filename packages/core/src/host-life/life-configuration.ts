import { z } from 'zod';
import { knownFields } from '../model/known-fields.js';
import { hostModes, type HostMode } from '../model/host-record.js';
import type { PowerStateTable } from '../model/power-state-policy.js';
import { whole } from '../requests/fields.js';
import { powerStatePolicySchema, type PowerStatePolicy } from './power-state-policy-schema.js';

/** What a host does now and then, and how often by default, in milliseconds. Nova's, where Nova has it. */
const periodicTaskIntervalsMs = {
  /** Compares the power state of every instance with its guest. Also at the start. */
  powerSync: 600_000,
  /** Looks for guests that no instance accounts for. Also at the start. */
  guestAudit: 1_800_000,
  /** Carries out and cancels what other processes have asked of this host. */
  actionSweep: 1_000,
  /** Ends what waits for hosts that nobody looks after and was cancelled, or is past its deadline. */
  deadHostSweep: 5_000,
  buildTimeout: 60_000,
  autoUnrescue: 60_000,
  reclaim: 60_000,
  autoConfirmResize: 60_000,
  shelvedOffload: 3_600_000,
  imageCache: 2_400_000,
  /** Deletes images that operations of this host have begun and left. Also at the start. */
  imageSweep: 3_600_000,
  /** Gives back what instances still hold because its owner did not answer. Also at the start. */
  releaseSweep: 60_000,
  /** Compares what instances have on record with what their providers hold for them. Also at the start. */
  providerAudit: 600_000,
  /** Counts what of the host is taken anew. */
  resourceAudit: 60_000,
} as const;

export type PeriodicTaskName = keyof typeof periodicTaskIntervalsMs;

/** What a host does by itself. All times are in milliseconds; 0 turns off what it belongs to. */
export interface HostLifeConfiguration {
  /** Whether it takes new instances, until an operator sets it: what was set last counts, in later processes too. Default `enabled`. */
  readonly mode?: HostMode;
  /** Whether the guests of instances recorded `active` are started when the manager starts and finds them off. Default `leave`. */
  readonly guestsOnHostBoot?: 'leave' | 'resume';
  /** What is done about guests that are not as their records have them. */
  readonly powerStatePolicy?: PowerStatePolicy;
  /** What is done about a guest whose instance was deleted. Default `alert`. */
  readonly guestsOfDeleted?: 'alert' | 'reap';
  /**
   * What is done where a provider and a record differ. `mend`: what an ended action of the instance has reserved and no record names is given
   * back, and what a record names and its provider has lost is reserved again, both only once two comparisons in a row have seen it and no guest
   * can have it open. `alert`: operators are told of these too. What is not certain is told in any case, and left alone. Default `mend`.
   */
  readonly providerDeviations?: 'alert' | 'mend';
  /** After how long in `building` an instance becomes one in `error`. Default 0. */
  readonly buildTimeoutMs?: number;
  /** After how long in `rescued` an instance is unrescued. Default 0. */
  readonly rescueTimeoutMs?: number;
  /** After how long in `soft-delete` an instance is deleted. Default 0. */
  readonly reclaimAfterMs?: number;
  /** After how long in `resized` a resize is confirmed. Default 0. */
  readonly confirmResizeAfterMs?: number;
  /** After how long in `shelved` an instance is offloaded. Default 0. */
  readonly shelvedOffloadAfterMs?: number;
  /** How long from the end of a run of a task to the next, over the defaults. */
  readonly everyMs?: { readonly [Name in PeriodicTaskName]?: number };
}

export type CheckedLife = Required<Omit<HostLifeConfiguration, 'powerStatePolicy' | 'everyMs'>> & {
  readonly powerStatePolicy: PowerStateTable;
  readonly everyMs: { readonly [Name in PeriodicTaskName]: number };
};

/** A longer timer would be none: Node's take no more. */
const INTERVAL_MS_MAX = 2 ** 31 - 1;
const TIMEOUT_MS_MAX = Number.MAX_SAFE_INTEGER;

const intervals = knownFields(
  Object.fromEntries(
    Object.entries(periodicTaskIntervalsMs).map(([name, everyMs]) => [
      name,
      whole(0, INTERVAL_MS_MAX).default(everyMs),
    ]),
  ) as Record<PeriodicTaskName, z.ZodDefault<z.ZodNumber>>,
  `an object of ${Object.keys(periodicTaskIntervalsMs).join(', ')}`,
);
const timeout = whole(0, TIMEOUT_MS_MAX).default(0);

const fields = {
  mode: z.enum(hostModes, hostModes.join(', ')).default('enabled'),
  guestsOnHostBoot: z.enum(['leave', 'resume'], 'leave, resume').default('leave'),
  powerStatePolicy: powerStatePolicySchema,
  guestsOfDeleted: z.enum(['alert', 'reap'], 'alert, reap').default('alert'),
  providerDeviations: z.enum(['alert', 'mend'], 'alert, mend').default('mend'),
  buildTimeoutMs: timeout,
  rescueTimeoutMs: timeout,
  reclaimAfterMs: timeout,
  confirmResizeAfterMs: timeout,
  shelvedOffloadAfterMs: timeout,
  everyMs: intervals.prefault({}),
};

export const lifeSchema = knownFields(fields, `an object of ${Object.keys(fields).join(', ')}`).prefault({});
