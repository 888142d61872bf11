import {
  checkedValue,
  ComputeError,
  printed,
  type ComputeDriver,
  type DriverDefinition,
  type DriverEnvironment,
} from '../driver/index.js';
import { checkContract } from './contract-range.js';

export interface DriverChoice {
  /** The name of one of the registered drivers. */
  readonly name: string;
  /** What that driver's schema accepts; `{}` without one. */
  readonly configuration?: unknown;
}

/**
 * The driver that configuration names, made but not connected.
 * @throws ComputeError `UNKNOWN_DRIVER`, `DRIVER_INCOMPATIBLE`, `INVALID_CONFIGURATION` naming the field, its value and what is accepted
 */
export async function chooseDriver(
  { name, configuration = {} }: DriverChoice,
  definitions: readonly DriverDefinition[],
  environment: DriverEnvironment,
): Promise<ComputeDriver> {
  const definition = definitions.find((each) => each.name === name);
  if (!definition) {
    throw new ComputeError('UNKNOWN_DRIVER', { driver: printed(name), accepted: definitions.map((each) => each.name) });
  }
  checkContract(name, definition.contract);
  const { configuration: schema } = definition;
  const checked = await checkedValue(schema, configuration, 'INVALID_CONFIGURATION', 'driver.configuration');
  return definition.create(checked, environment);
}
