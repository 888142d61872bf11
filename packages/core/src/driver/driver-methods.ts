import type { ComputeDriver } from './compute-driver.js';
import type { Abilities, Capability } from './driver-capabilities.js';

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** Every method of the contract that a driver is asked between its making and `cleanupHost`. */
export type DriverMethods = Omit<ComputeDriver, 'capabilities' | 'honoured' | 'cleanupHost'> &
  AllOf<Abilities[Capability]>;
export type DriverMethodName = keyof DriverMethods;

/** What a method is asked. */
export type RequestOf<M extends DriverMethodName> = Parameters<DriverMethods[M]>[0];
/** How a call of a method goes. */
export type OptionsOf<M extends DriverMethodName> = NonNullable<Parameters<DriverMethods[M]>[1]>;
