import { z } from 'zod';
import { checkedValue } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import { whole } from '../requests/fields.js';
import { duration, processName, sharedFields, type CheckedShared, type SharedOptions } from './shared-options.js';

/** What can be said of an API in plain data, as from a file. */
export interface ServiceConfiguration {
  /** Who publishes what this service changes, in events and notifications. Default `compute-service`. */
  readonly name?: string;
  /** How long a console token is good, in milliseconds. Default 600,000. */
  readonly consoleTokenMs?: number;
  /** How long a guest that is to be stopped may take to stop by itself before it is stopped, in milliseconds. Default 60,000; 0: it is not asked. */
  readonly shutdownTimeoutMs?: number;
  /** What tenants may do beyond their instances. */
  readonly access?: AccessConfiguration;
}

export interface AccessConfiguration {
  /**
   * Who may name files and devices of the host: describe an image by its `location`, and interfaces by their bridges and networks, instead of
   * naming what the providers have. Default `operators`: a tenant is refused with `FORBIDDEN`. `everybody` is for a service whose tenants may
   * read every file that the hypervisor can, and join every bridge.
   */
  readonly hostResources?: 'operators' | 'everybody';
}

/** The configuration of a service without a host, and its parts. */
export interface ComputeServiceOptions extends ServiceConfiguration, SharedOptions {}

export const serviceFields = {
  consoleTokenMs: duration.default(600_000),
  shutdownTimeoutMs: whole(0, 86_400_000).default(60_000),
  access: knownFields(
    { hostResources: z.enum(['operators', 'everybody'], 'operators or everybody').default('operators') },
    'an object with hostResources',
  ).prefault({}),
};

const serviceSchema = knownFields(
  { ...sharedFields, ...serviceFields, name: processName.default('compute-service') },
  'an object of options',
);

export interface CheckedService extends CheckedShared {
  readonly name: string;
  readonly consoleTokenMs: number;
  readonly shutdownTimeoutMs: number;
  readonly access: Required<AccessConfiguration>;
}

/**
 * The configuration of a service, checked.
 * @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted
 */
export async function checkServiceOptions(options: ComputeServiceOptions): Promise<CheckedService> {
  return await checkedValue(serviceSchema, options, 'INVALID_CONFIGURATION');
}
