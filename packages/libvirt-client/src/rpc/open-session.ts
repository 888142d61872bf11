import { authenticate, type AuthenticateOptions } from '../auth/authenticate.js';
import { ConnectFlags } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { Access } from '../transport/daemon-sockets.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';

/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE. Asking for it before the connection is opened is what turns it on. */
const FEATURE_KEEPALIVE = 10;

export interface SessionOptions extends AuthenticateOptions {
  readonly access: Access;
  readonly keepalive: 'on' | 'off';
}

/** The talk that comes before any other call: authentication, keepalive, and what to open. */
export async function openSession(
  daemon: ProcedureCaller,
  { access, keepalive: wanted, ...login }: SessionOptions,
  options: CallOptions,
): Promise<Pick<SessionOptions, 'keepalive'>> {
  await authenticate(daemon, login, options);
  const keepalive = wanted === 'on' && (await supportsKeepalive(daemon, options)) ? 'on' : 'off';
  const flags = access === 'read-only' ? ConnectFlags.VIR_CONNECT_RO : 0;
  await daemon.call(remote.connectOpen, { name: login.name, flags }, options);
  return { keepalive };
}

async function supportsKeepalive(daemon: ProcedureCaller, options: CallOptions): Promise<boolean> {
  const { supported } = await daemon.call(remote.connectSupportsFeature, { feature: FEATURE_KEEPALIVE }, options);
  return supported !== 0;
}
