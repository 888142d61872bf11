import type { DaemonMode } from './daemon-sockets.js';

/** What stands behind the `?` of a libvirt URI. The names are libvirt's, in the case of JavaScript. */
export interface UriParameters {
  readonly socket?: string;
  readonly mode?: DaemonMode;
  /** `none`, `polkit`, `sasl`, or `sasl.` and a mechanism. */
  readonly auth?: string;
  /** A file of virsh's, from which user name and password come where the option credentials is not given. */
  readonly authfile?: string;
  readonly pkipath?: string;
  readonly noVerify?: '0' | '1';
  /** GnuTLS's word for its defaults. */
  readonly tlsPriority?: 'NORMAL';
  readonly noSanity?: '0' | '1';
  readonly command?: string;
  readonly keyfile?: string;
  readonly netcat?: string;
  readonly proxy?: 'auto' | 'netcat' | 'native';
  readonly noTty?: '0' | '1';
  readonly knownHosts?: string;
  /** `auto`: a host that is not known is remembered. `ignore`: whoever answers is taken for the host. */
  readonly knownHostsVerify?: 'normal' | 'auto' | 'ignore';
  /** The only ways to log in by ssh, with commas between: agent, privkey, password, keyboard-interactive, gssapi. */
  readonly sshauth?: string;
}

export type TransportName = 'unix' | 'tcp' | 'tls' | 'ssh';

interface Rule {
  readonly key: keyof UriParameters;
  readonly transports: readonly TransportName[];
  readonly accepted: RegExp;
  /** What virsh takes for the same as a value that is accepted. */
  readonly sameAs?: (value: string) => string;
  /** What is wrong with a value that is not accepted, to follow it in a sentence. */
  readonly problem: string;
}

const ALL = ['unix', 'tcp', 'tls', 'ssh'] as const;
/** To virsh every number but 0 is a yes. */
const FLAG = {
  sameAs: (value: string): string => (/^-?\d+$/.test(value) ? String(Math.sign(Math.abs(Number(value)))) : value),
  accepted: /^[01]$/,
  problem: 'which is neither 0 nor 1',
};
const PATH = { accepted: /^\/[^\0\n]*$/, problem: 'which is no absolute path' };
const PROGRAM = { accepted: /^[^-\0\n][^\0\n]*$/, problem: 'which names no program' };

const SSH_METHOD = '(?:agent|privkey|password|keyboard-interactive|gssapi)';

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['socket', { key: 'socket', transports: ['unix', 'ssh'], ...PATH }],
  [
    'mode',
    {
      key: 'mode',
      transports: ['unix', 'ssh'],
      accepted: /^(?:auto|direct|legacy)$/,
      problem: 'which is none of auto, direct, legacy',
    },
  ],
  [
    'auth',
    {
      key: 'auth',
      transports: ALL,
      accepted: /^(?:none|polkit|sasl(?:\.[\w-]+)?)$/i,
      problem: 'which is none of none, polkit, sasl, sasl.MECHANISM',
    },
  ],
  ['authfile', { key: 'authfile', transports: ALL, ...PATH }],
  ['pkipath', { key: 'pkipath', transports: ['tls'], ...PATH }],
  [
    'tls_priority',
    {
      key: 'tlsPriority',
      transports: ['tls'],
      accepted: /^NORMAL$/,
      problem:
        'which is a list for GnuTLS, and Node.js has OpenSSL: leave it out, and start Node.js with ' +
        '--tls-min-v1.3 or --tls-cipher-list=…; accepted is NORMAL',
    },
  ],
  ['no_verify', { key: 'noVerify', transports: ['tls', 'ssh'], ...FLAG }],
  ['no_sanity', { key: 'noSanity', transports: ['tls'], ...FLAG }],
  ['command', { key: 'command', transports: ['ssh'], ...PROGRAM }],
  ['keyfile', { key: 'keyfile', transports: ['ssh'], ...PATH }],
  ['netcat', { key: 'netcat', transports: ['ssh'], ...PROGRAM }],
  [
    'proxy',
    {
      key: 'proxy',
      transports: ['ssh'],
      accepted: /^(?:auto|netcat|native)$/,
      problem: 'which is none of auto, netcat, native',
    },
  ],
  ['no_tty', { key: 'noTty', transports: ['ssh'], ...FLAG }],
  [
    'known_hosts',
    {
      key: 'knownHosts',
      transports: ['ssh'],
      accepted: /^\/[^\0\n"]*$/,
      problem: 'which is no absolute path without quotation marks',
    },
  ],
  [
    'known_hosts_verify',
    {
      key: 'knownHostsVerify',
      transports: ['ssh'],
      accepted: /^(?:normal|auto|ignore)$/,
      problem: 'which is none of normal, auto, ignore',
    },
  ],
  [
    'sshauth',
    {
      key: 'sshauth',
      transports: ['ssh'],
      accepted: new RegExp(`^${SSH_METHOD}(?:,${SSH_METHOD})*$`),
      problem: 'which is no list of agent, privkey, password, keyboard-interactive, gssapi with commas between',
    },
  ],
]);

/** What virsh knows and this client does not do, with the reason and the way round. */
const declined: ReadonlyMap<string, string> = new Map([
  ['name', 'but the daemon is told the driver and path of the URI only: write what it shall open before the "?"'],
]);

/**
 * Reads the query of a URI. `refuse` is told what is wrong; it does not return.
 *
 * Parameters of another transport are refused, not ignored: an option that protects (`known_hosts`) must not be lost
 * because of a slip elsewhere in the URI.
 */
export function readParameters(
  query: string,
  transport: TransportName,
  refuse: (problem: string) => never,
): UriParameters {
  const parameters: Partial<Record<keyof UriParameters, string>> = {};
  for (const pair of query.split(/[&;]/).filter((text) => text !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const known = [...rules.keys()].join(', ');
    const why = declined.get(name) ?? `which is none of ${known}`;
    const rule = rules.get(name) ?? refuse(`has the parameter "${name}", ${why}`);
    if (!rule.transports.includes(transport)) refuse(`has the parameter "${name}", which +${transport} does not know`);
    // A + is a + here: these are paths, not the fields of a form.
    const given = decoded(rest.join('=')) ?? refuse(`has the parameter "${name}" with a broken % in its value`);
    const value = rule.sameAs?.(given) ?? given;
    if (!rule.accepted.test(value)) refuse(`has the ${name} "${value}", ${rule.problem}`);
    if (parameters[rule.key] !== undefined) refuse(`has the parameter "${name}" twice`);
    parameters[rule.key] = value;
  }
  // The rules above have checked every value against its type.
  return parameters as UriParameters;
}

/** Undefined where a % is not followed by a byte, or the bytes are no UTF-8. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
