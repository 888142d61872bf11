import type { DaemonMode } from './daemon-sockets.js';

/** What stands behind the `?` of a libvirt URI. The names are libvirt's, in the case of JavaScript. */
export interface UriParameters {
  readonly socket?: string;
  readonly mode?: DaemonMode;
  /** `none`, `polkit`, `sasl`, or `sasl.` and a mechanism. */
  readonly auth?: string;
  readonly pkipath?: string;
  readonly noVerify?: '0' | '1';
  readonly noSanity?: '0' | '1';
  readonly command?: string;
  readonly keyfile?: string;
  readonly netcat?: string;
  readonly proxy?: 'auto' | 'netcat' | 'native';
  readonly noTty?: '0' | '1';
  readonly knownHosts?: string;
}

export type TransportName = 'unix' | 'tcp' | 'tls' | 'ssh';

interface Rule {
  readonly key: keyof UriParameters;
  readonly transports: readonly TransportName[];
  readonly accepted: RegExp;
  /** What is wrong with a value that is not accepted, to follow it in a sentence. */
  readonly problem: string;
}

const ALL = ['unix', 'tcp', 'tls', 'ssh'] as const;
const FLAG = { accepted: /^[01]$/, problem: 'which is neither 0 nor 1' };
const PATH = { accepted: /^\/[^\0\n]*$/, problem: 'which is no absolute path' };
const PROGRAM = { accepted: /^[^-\0\n][^\0\n]*$/, problem: 'which names no program' };

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
  ['pkipath', { key: 'pkipath', transports: ['tls'], ...PATH }],
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
    const rule = rules.get(name) ?? refuse(`has the parameter "${name}"`);
    if (!rule.transports.includes(transport)) refuse(`has the parameter "${name}", which +${transport} does not know`);
    // A + is a + here: these are paths, not the fields of a form.
    const value = decoded(rest.join('=')) ?? refuse(`has the parameter "${name}" with a broken % in its value`);
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
