import { credentialsFromFile } from '../auth/auth-file.js';
import type { LibvirtAddress } from '../transport/libvirt-uri.js';
import type { Protection } from '../transport/transport.js';
import type { SessionOptions } from './open-session.js';
import type { RpcConnectionOptions } from './rpc-connection-options.js';

/** What the daemon is told when a connection is opened: from the URI, the options, and what carries the bytes. */
export function sessionOptions(
  { name, access, host, username, parameters }: LibvirtAddress,
  options: Pick<RpcConnectionOptions, 'credentials' | 'keepalive'>,
  protection: Protection = 'none',
): SessionOptions {
  const { auth, authfile } = parameters;
  const keepalive = options.keepalive === 'off' ? 'off' : 'on';
  const credentials = options.credentials ?? (authfile === undefined ? undefined : credentialsFromFile(authfile));
  return { name, access, host, username, auth, credentials, protection, keepalive };
}
