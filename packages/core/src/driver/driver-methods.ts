import type { ComputeDriver } from './compute-driver.js';
import type { Abilities, Capability } from './driver-capabilities.js';

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** Every method of the contract that takes options. */
export type DriverMethods = Omit<ComputeDriver, 'capabilities' | 'honoured' | 'cleanupHost'> &
  AllOf<Abilities[Capability]>;
export type DriverMethodName = keyof DriverMethods;
