import type { LibvirtAddress } from '../transport/libvirt-uri.js';
import type { Protection } from '../transport/transport.js';
import type { SessionOptions } from './open-session.js';
import type { RpcConnectionOptions } from './rpc-connection-options.js';

/** What the daemon is told when a connection is opened: from the URI, the options, and what carries the bytes. */
export function sessionOptions(
  { name, access, host, username, parameters }: LibvirtAddress,
  { credentials, keepalive }: RpcConnectionOptions,
  protection: Protection = 'none',
): SessionOptions {
  const { auth } = parameters;
  return { name, access, host, username, auth, credentials, protection, keepalive: keepalive === 'off' ? 'off' : 'on' };
}
