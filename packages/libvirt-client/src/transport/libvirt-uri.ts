import { homedir } from 'node:os';
import { join } from 'node:path';
import { describeValue } from '../wire/libvirt-argument-error.js';

/** What a connection URI comes to: what the daemon is told to open, and the sockets to look for it at, best first. */
export interface LibvirtAddress {
  /** Without transport, host and query: the daemon would take a host as an order to connect to it. */
  readonly name: string;
  readonly socketPaths: readonly string[];
}

export type Access = 'read-write' | 'read-only';

const URI =
  /^(?<driver>[a-z]+)(?:\+(?<transport>[a-z0-9]+))?:\/\/(?<host>[^/?#]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;
const ACCEPTED = 'qemu:///system, qemu:///session or test:///default, with +unix and ?socket=/path if wanted';

/**
 * Reads a URI as libvirt writes them.
 * @throws TypeError that names the part which is not accepted, and what is
 */
export function parseLibvirtUri(uri: string, access: Access, env: NodeJS.ProcessEnv = process.env): LibvirtAddress {
  const {
    driver = '',
    transport = 'unix',
    host,
    path = '/',
    query = '',
  } = URI.exec(uri)?.groups ?? refuse(uri, 'is no URI');
  if (transport !== 'unix') refuse(uri, `has the transport "${transport}"`);
  if (host !== '') refuse(uri, `has the host "${host}"`);
  const name = `${driver}://${path}`;
  const wellKnown = wellKnownSockets(name, access, env) ?? refuse(uri, `means "${name}"`);
  const parameters = new URLSearchParams(query);
  for (const parameter of parameters.keys()) {
    if (parameter !== 'socket') refuse(uri, `has the parameter "${parameter}"`);
  }
  const socket = parameters.get('socket');
  if (socket === null) return { name, socketPaths: wellKnown };
  if (!socket.startsWith('/')) refuse(uri, `has the socket "${socket}", which is no absolute path`);
  return { name, socketPaths: [socket] };
}

function wellKnownSockets(name: string, access: Access, env: NodeJS.ProcessEnv): readonly string[] | undefined {
  const suffix = access === 'read-only' ? '-ro' : '';
  const system = '/run/libvirt';
  const runtime = env['XDG_RUNTIME_DIR'];
  const session = join(runtime ?? join(homedir(), '.cache'), 'libvirt');
  switch (name) {
    case 'qemu:///system':
      return [join(system, `virtqemud-sock${suffix}`), join(system, `libvirt-sock${suffix}`)];
    case 'qemu:///session':
      // A daemon of a session has no second socket for readers.
      return [join(session, 'virtqemud-sock'), join(session, 'libvirt-sock')];
    case 'test:///default':
      return [join(system, `libvirt-sock${suffix}`)];
    default:
      return undefined;
  }
}

function refuse(uri: string, problem: string): never {
  throw new TypeError(`the libvirt URI ${describeValue(uri)} ${problem}; accepted are ${ACCEPTED}`);
}
