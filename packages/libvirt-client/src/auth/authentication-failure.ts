import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';

/** No connection, because one side does not believe the other. `advice` says what can be done about it. */
export function authenticationFailure(problem: string, advice: string, cause?: unknown): LibvirtConnectionError {
  const facts = { reason: 'authentication', sent: false } as const;
  return new LibvirtConnectionError(`${problem}. ${advice}`, facts, { cause });
}
