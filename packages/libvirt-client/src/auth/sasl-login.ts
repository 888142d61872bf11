import { LibvirtError } from '../errors/libvirt-error.js';
import * as remote from '../procedures/remote.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import type { Protection } from '../transport/transport.js';
import { authenticationFailure } from './authentication-failure.js';
import type { Credentials, CredentialsRequest, CredentialsSource } from './credentials.js';
import { plain } from './plain.js';
import { SaslError, type SaslMechanism } from './sasl-mechanism.js';
import { Scram } from './scram.js';

interface KnownMechanism {
  readonly name: string;
  /** `told`: the daemon learns the password, whoever it is. `proven`: only that we know it. */
  readonly password: 'told' | 'proven';
  readonly make: (credentials: Credentials) => SaslMechanism;
}

/** Best first. ANONYMOUS is none of them: who wants no login sets auth to none. */
const mechanisms: readonly KnownMechanism[] = [
  { name: 'SCRAM-SHA-256', password: 'proven', make: (credentials) => new Scram('sha256', credentials) },
  { name: 'SCRAM-SHA-1', password: 'proven', make: (credentials) => new Scram('sha1', credentials) },
  { name: 'PLAIN', password: 'told', make: plain },
];

/** SCRAM needs three. A daemon that goes on asking gets no more. */
const STEPS_MAX = 8;
/** The protocol's limit for what one step carries. */
const DATA_BYTES_MAX = 65_536;

export interface SaslLoginOptions extends Omit<CredentialsRequest, 'mechanism'> {
  /** The only mechanism that is wanted. Default: the best one offered. */
  readonly mechanism: string | undefined;
  readonly protection: Protection;
  readonly credentials: CredentialsSource | undefined;
}

/**
 * Logs in by SASL.
 * @throws LibvirtConnectionError `authentication` that says what to do, or what the source of credentials has thrown
 */
export async function saslLogin(daemon: ProcedureCaller, login: SaslLoginOptions, options: CallOptions): Promise<void> {
  // SASL's own encryption, which the daemon demands here, is Kerberos's and old DIGEST-MD5's only.
  if (login.protection === 'none') {
    throw authenticationFailure(
      'the daemon asks for a password (SASL) on a connection that anybody on the way can read',
      'Use +tls or +ssh instead of +tcp; or, on a network you trust, set auth_tcp = "none" in the daemon',
    );
  }
  const { mechlist } = await asked(daemon.call(remote.authSASLInit, {}, options));
  const { name, make } = choose(mechlist, login);
  const mechanism = make(await ask(login, name, options.signal));
  try {
    await exchange(daemon, name, mechanism, options);
  } catch (error) {
    if (!(error instanceof SaslError)) throw error;
    const advice = 'Check that this is your daemon, and the password; the daemon knows why in its own log';
    throw authenticationFailure(
      `the login by ${name} was given up, for of the daemon: ${error.message}`,
      advice,
      error,
    );
  }
}

async function exchange(
  daemon: ProcedureCaller,
  mech: string,
  mechanism: SaslMechanism,
  options: CallOptions,
): Promise<void> {
  const first = { mech, ...carried(mechanism.begin()) };
  let reply = await asked(daemon.call(remote.authSASLStart, first, options));
  for (let step = 1; ; step++) {
    const response = reply.nil === 0 ? await mechanism.respond(reply.data) : null;
    if (reply.complete !== 0) break;
    if (step > STEPS_MAX) throw new SaslError(`it wants more than ${STEPS_MAX} steps`);
    reply = await asked(daemon.call(remote.authSASLStep, carried(response), options));
  }
  if (!mechanism.isSatisfied)
    throw new SaslError('it calls the login complete without having shown that it knows the password');
}

function carried(data: Uint8Array | null): { readonly nil: number; readonly data: Uint8Array } {
  return data === null ? { nil: 1, data: new Uint8Array() } : { nil: 0, data };
}

function choose(mechlist: string, { mechanism, protection }: SaslLoginOptions): KnownMechanism {
  const offered = new Set(mechlist.toUpperCase().split(/[\s,]+/));
  const possible = mechanisms.filter(({ password }) => protection !== 'unverified' || password === 'proven');
  const wanted = mechanism?.toUpperCase();
  const chosen = possible.find(({ name }) => offered.has(name) && (wanted === undefined || name === wanted));
  if (chosen !== undefined) return chosen;
  const offer = mechlist.length > 200 ? `${mechlist.slice(0, 200)}…` : mechlist;
  const only = mechanism === undefined ? '' : `, of which the URI wants only ${mechanism}`;
  const known = possible.map(({ name }) => name).join(', ');
  const unverified = protection === 'unverified' ? ', for no_verify=1 leaves open who would get a password' : '';
  throw authenticationFailure(
    `the daemon offers the SASL mechanisms "${offer}"${only}; possible here are ${known}${unverified}`,
    'Set mech_list: scram-sha-256 in /etc/sasl2/libvirt.conf of the daemon, and add a user by saslpasswd2 -a libvirt',
  );
}

async function ask(
  { name, host, username, credentials }: SaslLoginOptions,
  mechanism: string,
  signal: AbortSignal | undefined,
): Promise<Credentials> {
  if (credentials === undefined) {
    const advice =
      'Give the option credentials, a function that returns { username, password }, or ?authfile= in the URI';
    throw authenticationFailure(`the daemon asks for a user name and a password (SASL, ${mechanism})`, advice);
  }
  const given = await unlessAborted(Promise.resolve(credentials({ name, host, username, mechanism })), signal);
  for (const field of ['username', 'password'] as const) {
    // The value stays out of the message, whatever it is.
    if (typeof given?.[field] !== 'string' || given[field] === '' || given[field].includes('\0')) {
      throw new TypeError(`credentials gave no usable ${field}: it must be a string that is not empty, without a NUL`);
    }
    const bytes = Buffer.byteLength(given[field]);
    if (bytes > DATA_BYTES_MAX / 4)
      throw new TypeError(`credentials gave a ${field} of ${bytes} bytes, which is too long`);
  }
  return given;
}

/** The source of credentials may wait for a person; the time for connecting limits that too. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function asked<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    if (!LibvirtError.is(error)) throw error;
    const advice =
      'Check the user name and the password, the realm in the name (user@host where the daemon wants it), ' +
      'mech_list and sasldb_path in /etc/sasl2/libvirt.conf, and sasl_allowed_username_list';
    throw authenticationFailure(`the daemon refused the login by SASL (${error.message})`, advice, error);
  }
}
