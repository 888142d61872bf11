import { knownFields } from '../model/known-fields.js';
import {
  checkedWithDrivers,
  hostFields,
  type CheckedDrivers,
  type CheckedHost,
  type ComputeHostOptions,
  type HostConfiguration,
} from './host-options.js';
import { serviceFields, type CheckedService, type ServiceConfiguration } from './service-options.js';
import { sharedFields, type SharedOptions } from './shared-options.js';

/** What can be said of a compute manager in plain data, as from a file. */
export interface ComputeConfiguration
  extends HostConfiguration, Omit<ServiceConfiguration, 'name'>, Pick<SharedOptions, 'providerTimeoutsMs'> {}

/** A compute manager's configuration and its parts. */
export interface ComputeOptions extends ComputeHostOptions, Omit<ServiceConfiguration, 'name'> {}

const computeSchema = knownFields(
  { ...sharedFields, ...hostFields, ...serviceFields },
  'an object with drivers and a driver',
);

export type CheckedConfiguration = CheckedHost & Omit<CheckedService, 'name'>;

/**
 * The configuration, checked, and the drivers that it may name.
 * @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted
 */
export async function checkConfiguration(options: ComputeOptions): Promise<CheckedConfiguration & CheckedDrivers> {
  return await checkedWithDrivers(computeSchema, options);
}
