import * as remote from '../procedures/remote.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import { authenticationFailure } from './authentication-failure.js';
import { polkitLogin } from './polkit-login.js';
import { saslLogin, type SaslLoginOptions } from './sasl-login.js';

/** The daemon's numbers for how it wants to know who we are (remote_auth_type). */
const AuthType = { none: 0, sasl: 1, polkit: 2 } as const;
type AuthName = keyof typeof AuthType;

export interface AuthenticateOptions extends Omit<SaslLoginOptions, 'mechanism'> {
  /** `none`, `polkit`, `sasl`, or `sasl.` and a mechanism: the only one wanted. Default: the daemon's first choice. */
  readonly auth: string | undefined;
}

/**
 * Tells the daemon who we are, in a way it offers. It comes before everything else: even where nothing is needed, the
 * daemon refuses all calls until it was asked.
 * @throws LibvirtConnectionError `authentication` that says what to do
 */
export async function authenticate(
  daemon: ProcedureCaller,
  { auth, ...login }: AuthenticateOptions,
  options: CallOptions,
): Promise<void> {
  const { types } = await daemon.call(remote.authList, {}, options);
  const [wanted, mechanism] = auth?.toLowerCase().split('.') ?? [];
  switch (choose(types, wanted)) {
    case 'none':
      return;
    case 'polkit':
      return polkitLogin(daemon, options);
    case 'sasl':
      return saslLogin(daemon, { ...login, mechanism }, options);
  }
}

function choose(types: readonly number[], wanted: string | undefined): AuthName {
  const offered = types.map(nameOf);
  const chosen = offered.find((name) => name !== undefined && (wanted === undefined || name === wanted));
  if (chosen !== undefined) return chosen;
  const offer = types.map((type, index) => offered[index] ?? `number ${type}`).join(', ') || 'nothing';
  const demand = wanted === undefined ? 'this client can do none, polkit and sasl' : `the URI wants ${wanted}`;
  const advice = 'Change ?auth= in the URI, or auth_unix_rw, auth_tcp or auth_tls in the configuration of the daemon';
  throw authenticationFailure(`the daemon offers ${offer} for authentication, and ${demand}`, advice);
}

function nameOf(type: number): AuthName | undefined {
  return (Object.keys(AuthType) as AuthName[]).find((name) => AuthType[name] === type);
}
