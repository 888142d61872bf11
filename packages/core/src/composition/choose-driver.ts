import {
  checkedValue,
  ComputeError,
  isComputeError,
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
  return checkedDriver(await made(definition, checked, environment), name);
}

/** A driver author's own error is the cause of ours; a driver that says what is wrong with its configuration is believed. */
async function made(
  definition: DriverDefinition,
  configuration: unknown,
  environment: DriverEnvironment,
): Promise<unknown> {
  try {
    // Code that is not type-checked may answer with a promise.
    return await Promise.resolve(definition.create(configuration, environment));
  } catch (cause) {
    if (isComputeError(cause)) throw cause;
    const { name: driver } = definition;
    const details = { driver, problem: 'its create failed', accepted: 'a create that answers with a driver' };
    throw new ComputeError('DRIVER_INCOMPATIBLE', details, { cause });
  }
}

/** Whether it has what every driver has. `guardDriver` looks at the abilities it declares. */
function checkedDriver(driver: unknown, name: string): ComputeDriver {
  const members = typeof driver === 'object' && driver !== null ? (driver as Readonly<Record<string, unknown>>) : {};
  const missing = requiredMethods.filter((method) => typeof members[method] !== 'function');
  const { capabilities } = members;
  const lacks = typeof capabilities === 'object' && capabilities !== null ? missing : ['capabilities', ...missing];
  if (lacks.length === 0) return driver as ComputeDriver;
  throw new ComputeError('DRIVER_INCOMPATIBLE', {
    driver: name,
    problem: `it has no ${lacks.join(', ')}`,
    accepted: `an object with capabilities, ${requiredMethods.join(', ')}`,
  });
}

const requiredMethods = [
  'initHost',
  'cleanupHost',
  'spawn',
  'destroy',
  'getInfo',
  'inspect',
  'listInstanceUuids',
] as const satisfies readonly Exclude<keyof ComputeDriver, 'capabilities'>[];
