import type { ComputeDriver, DriverDefinition, DriverEnvironment } from '../driver/index.js';
import { chooseDriver, type DriverChoice } from './choose-driver.js';

/** Makes the driver of a host, not connected yet, with what the manager gives it. */
export type DriverFactory = (environment: DriverEnvironment) => Promise<ComputeDriver>;

/** Makes the driver that configuration names, of those that are registered. */
export function namedDriver(choice: DriverChoice, definitions: readonly DriverDefinition[]): DriverFactory {
  return (environment) => chooseDriver(choice, definitions, environment);
}
