import { ComputeError } from '@virtkit/core/driver';

const canonical = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** The uuid itself, once it is known to be one: it becomes part of paths and names. */
export function instanceUuid(value: string): string {
  if (canonical.test(value)) return value;
  throw new ComputeError('INVALID_INPUT', { field: 'uuid', value, accepted: 'a uuid in lower case' });
}
