import { ComputeError, printed, type DriverDefinition } from '../driver/index.js';

const namePattern = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Whether these are definitions of drivers, each under a name of its own, so that configuration chooses one and no other.
 * @throws ComputeError `INVALID_CONFIGURATION`, naming the field, its value and what is accepted
 */
export function checkDriverDefinitions(drivers: unknown): asserts drivers is readonly DriverDefinition[] {
  if (!Array.isArray(drivers)) throw refusal('drivers', drivers, 'a list of driver definitions');
  const names = new Set<unknown>();
  for (const [index, definition] of (drivers as unknown[]).entries()) {
    const at = `drivers[${index}]`;
    if (typeof definition !== 'object' || definition === null) throw refusal(at, definition, 'a driver definition');
    const { name, contract, configuration, create } = definition as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || !namePattern.test(name)) {
      throw refusal(`${at}.name`, name, 'lower-case letters, digits and -, a letter first, at most 63 characters');
    }
    if (names.has(name)) throw refusal(`${at}.name`, name, 'a name that no other driver has');
    names.add(name);
    if (!isContractRange(contract)) throw refusal(`${at}.contract`, contract, 'an object with atLeast and below');
    if (!isStandardSchema(configuration)) throw refusal(`${at}.configuration`, configuration, 'a Standard Schema');
    if (typeof create !== 'function') throw refusal(`${at}.create`, create, 'a function that makes the driver');
  }
}

function isContractRange(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { atLeast, below } = value as Readonly<Record<string, unknown>>;
  return typeof atLeast === 'string' && typeof below === 'string';
}

/** A schema may be a function, as those of some libraries are. */
function isStandardSchema(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return typeof standard === 'object' && standard !== null && typeof Reflect.get(standard, 'validate') === 'function';
}

function refusal(field: string, value: unknown, accepted: string): ComputeError {
  return new ComputeError('INVALID_CONFIGURATION', { field, value: printed(value), accepted });
}
