import { homedir } from 'node:os';
import { join } from 'node:path';
import { describeValue } from '../wire/libvirt-argument-error.js';
import { daemonDrivers, daemonSockets, SYSTEM_SOCKETS, type Access, type SocketPlace } from './daemon-sockets.js';
import { isRoot, type LocalUser } from './local-user.js';
import { decoded, readParameters, type TransportName, type UriParameters } from './uri-parameters.js';

/** What a connection URI comes to: what the daemon is told to open, and how the daemon is reached. */
export interface LibvirtAddress {
  /** Without transport, host and query: the daemon would take a host as an order to connect to it. */
  readonly name: string;
  readonly access: Access;
  readonly transport: TransportName;
  /** The user at the other end, for ssh, or the name to authenticate with. */
  readonly username?: string;
  /** For tcp, tls and ssh; an IPv6 address has no brackets. */
  readonly host?: string;
  readonly port?: number;
  /** Where to look for the daemon, best first: on this machine for unix, on the other one for ssh; else none. */
  readonly socketPaths: readonly string[];
  /** `session`: it serves one user, and is started when it does not run. */
  readonly daemon: SocketPlace['kind'];
  readonly parameters: UriParameters;
}

const URI =
  /^(?<driver>[a-z]+)(?:\+(?<transport>[a-z0-9]+))?:\/\/(?<authority>[^/?#]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;
const AUTHORITY = /^(?:(?<user>[^@:]+)@)?(?<host>\[[0-9a-fA-F:.%a-z]+\]|[\w.-]*)(?::(?<port>\d{1,5}))?$/;
const TRANSPORTS: readonly string[] = ['unix', 'tcp', 'tls', 'ssh'] satisfies TransportName[];
const ACCEPTED =
  'qemu:///system, qemu:///session, test:///default, other drivers of a daemon, and +unix, +tcp://host, ' +
  '+tls://host or +ssh://user@host behind the driver, with parameters of that transport';

/**
 * Reads a URI as libvirt writes them. It may name programs to run (`command`), so it is configuration: take none from
 * people who may not run programs.
 * @throws TypeError that names the part which is not accepted, and what is
 */
export function parseLibvirtUri(uri: string, access: Access, user: LocalUser = {}): LibvirtAddress {
  const refuse = (problem: string): never => {
    throw new TypeError(`the libvirt URI ${describeValue(withoutPassword(uri))} ${problem}; accepted are ${ACCEPTED}`);
  };
  const parts = URI.exec(uri)?.groups ?? refuse('is no URI');
  const { driver = '', authority = '', path = '/', query = '' } = parts;
  // A host alone has always meant TLS.
  const transport = parts['transport'] ?? (authority === '' ? 'unix' : 'tls');
  if (!isTransport(transport)) return refuse(`has the transport "${transport}"${wayRound(transport)}`);
  if (!daemonDrivers.includes(driver)) refuse(`has the driver "${driver}", which no daemon has`);
  if (!(driver === 'test' ? /^\/[^/]/ : /^\/(?:system|session)$/).test(path)) refuse(`means "${driver}://${path}"`);
  const parameters = readParameters(query, transport, refuse);
  const base = { name: `${driver}://${path}`, access, transport, parameters };

  const place = transport === 'unix' ? localPlace(driver, path, user) : remotePlace(path);
  const sockets = daemonSockets(place, { driver, access, mode: parameters.mode ?? 'auto' });
  if (sockets.length === 0) refuse(`has the mode "direct", but the driver ${driver} has no daemon of its own`);
  const address = { ...base, daemon: place.kind, socketPaths: parameters.socket ? [parameters.socket] : sockets };
  if (transport === 'unix') {
    if (authority !== '') refuse('has a host');
    return address;
  }
  if (parameters.proxy === 'native' && (parameters.socket ?? parameters.netcat) !== undefined) {
    refuse('has the proxy "native", which takes neither a socket nor a netcat');
  }
  if (parameters.keyfile !== undefined && parameters.sshauth?.includes('privkey') === false) {
    refuse(`has a keyfile, which the sshauth "${parameters.sshauth}" does not use: add privkey to it`);
  }
  return { ...address, ...readAuthority(authority, refuse), socketPaths: remoteSockets(address) };
}

/** What to write instead of the transports that only the C library has. */
function wayRound(transport: string): string {
  if (/^libssh2?$/.test(transport))
    return `, a library that is not here: write +ssh, which takes the same parameters and runs your ssh`;
  return transport === 'ext' ? `: write +ssh with ?command=, or give the option dial` : '';
}

/** Where another user's session has its sockets only a program over there can tell. */
function remoteSockets({ transport, daemon, parameters, socketPaths }: LibvirtAddress): readonly string[] {
  if (transport !== 'ssh') return [];
  return daemon === 'system' || parameters.socket !== undefined ? socketPaths : [];
}

function readAuthority(
  authority: string,
  refuse: (problem: string) => never,
): Pick<LibvirtAddress, 'username' | 'port'> & { readonly host: string } {
  if (/^[^@]*:.*@/.test(authority)) refuse('has a password, which does not belong there: use the option credentials');
  const { user, host = '', port } = AUTHORITY.exec(authority)?.groups ?? refuse(`has the host "${authority}"`);
  if (host.startsWith('-')) refuse(`has the host "${host}"`);
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) refuse(`has the port ${port}`);
  const username = user === undefined ? undefined : (decoded(user) ?? refuse(`has the user "${user}"`));
  if (username !== undefined && /^-|[\0\n]/.test(username)) refuse(`has the user "${username}"`);
  return {
    host: host === '' ? 'localhost' : host.replace(/^\[|\]$/g, ''),
    ...(number !== undefined && { port: number }),
    ...(username !== undefined && { username }),
  };
}

/** As in the C library, the test driver is looked for in the user's own daemon unless the user is root. */
function localPlace(driver: string, path: string, user: LocalUser): SocketPlace {
  const wantsSession = path === '/session' || (driver === 'test' && !isRoot(user));
  if (!wantsSession) return SYSTEM_SOCKETS;
  const runtime = (user.env ?? process.env)['XDG_RUNTIME_DIR'];
  return { kind: 'session', directory: join(runtime || join(user.home ?? homedir(), '.cache'), 'libvirt') };
}

function remotePlace(path: string): SocketPlace {
  return path === '/session' ? { kind: 'session', directory: '' } : SYSTEM_SOCKETS;
}

function isTransport(name: string): name is TransportName {
  return TRANSPORTS.includes(name);
}

function withoutPassword(uri: string): string {
  return uri.replace(/(:\/\/[^:@/]*):.*@/, '$1:…@');
}
