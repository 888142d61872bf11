import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import * as remote from '../procedures/remote.gen.js';
import type { Access } from '../transport/libvirt-uri.js';
import { ConnectFlags } from '../constants/enumerations.gen.js';
import type { CallOptions } from './call-options.js';
import type { Connection } from '../connection.js';

const AUTH_NONE = 0;
const AUTH_NAMES = new Map([
  [1, 'SASL'],
  [2, 'polkit'],
]);
/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE. Asking for it before the connection is opened is what turns it on. */
const FEATURE_KEEPALIVE = 10;

export interface SessionOptions {
  readonly name: string;
  readonly access: Access;
  readonly keepalive: 'on' | 'off';
}

/** The talk that comes before any other call: authentication, keepalive, and what to open. */
export async function openSession(
  connection: Connection,
  session: SessionOptions,
  options: CallOptions,
): Promise<Pick<SessionOptions, 'keepalive'>> {
  // Even where no authentication is needed, the daemon refuses everything until it was asked which it needs.
  const { types } = await connection.call(remote.authList, {}, options);
  if (!types.includes(AUTH_NONE)) throw unknownAuthentication(types);
  const keepalive = session.keepalive === 'on' && (await supportsKeepalive(connection, options)) ? 'on' : 'off';
  const flags = session.access === 'read-only' ? ConnectFlags.VIR_CONNECT_RO : 0;
  await connection.call(remote.connectOpen, { name: session.name, flags }, options);
  return { keepalive };
}

async function supportsKeepalive(connection: Connection, options: CallOptions): Promise<boolean> {
  const { supported } = await connection.call(remote.connectSupportsFeature, { feature: FEATURE_KEEPALIVE }, options);
  return supported !== 0;
}

function unknownAuthentication(types: readonly number[]): LibvirtConnectionError {
  const names = types.map((type) => AUTH_NAMES.get(type) ?? `number ${type}`).join(', ');
  return new LibvirtConnectionError(
    `the daemon asks for authentication (${names}), which this client cannot do. Run as root where it asks for ` +
      'polkit, or set auth_unix_rw = "none" in the daemon\'s configuration and protect the socket by its permissions',
    { reason: 'authentication', sent: false },
  );
}
