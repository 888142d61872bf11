import type { ComputeDriver } from './compute-driver.js';
import type { DriverEnvironment } from './driver-environment.js';

/** The version of everything behind this door. Minor: something optional was added. Major: drivers must change. */
export const driverContractVersion = '2.0';

/** Which versions of the contract a driver was built for: `major.minor`, lower bound included, upper bound not. */
export interface ContractRange {
  readonly atLeast: string;
  readonly below: string;
}

/**
 * What a driver package exports: enough to choose the driver by name, check its configuration before anything starts, and
 * create it.
 */
export interface DriverDefinition<Configuration = unknown> {
  /** By which configuration names it: `fake`, `libvirt`. Lower case letters, digits and `-`. */
  readonly name: string;
  readonly contract: ContractRange;
  /**
   * Checks the configuration. Any Standard Schema will do; a zod schema is one. The message of an issue says what is
   * accepted, and nothing else: the manager adds the name of the field and the value it has.
   */
  readonly configuration: ConfigurationSchema<Configuration>;
  /** Makes a driver that has not connected to anything yet. */
  create(configuration: Configuration, environment: DriverEnvironment): ComputeDriver;
}

/**
 * A driver with its configuration, as a driver package makes it by a function of its own: `libvirt({ … })`. The configuration is checked by the
 * definition's schema when the manager is made, as one that names the driver is.
 */
export interface ConfiguredDriver {
  readonly definition: DriverDefinition;
  readonly configuration: unknown;
}

/** The part of Standard Schema version 1 (standardschema.dev) that is used here, by shape. */
export interface ConfigurationSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
