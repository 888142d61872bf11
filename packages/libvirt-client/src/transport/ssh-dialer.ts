import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { LibvirtAddress } from './libvirt-uri.js';
import { processTransport, type ProcessEnd } from './process-transport.js';
import { sshArguments, takesAnyHost } from './ssh-arguments.js';
import type { Dialer } from './transport.js';

/**
 * Dials by the user's own ssh, with its configuration, keys and agent. One process for each connection: where logging in
 * is slow, ControlMaster in ssh's configuration makes them share it.
 */
export function sshDialer(address: LibvirtAddress): Dialer {
  const { command: file = 'ssh' } = address.parameters;
  const protection = takesAnyHost(address.parameters) ? 'unverified' : 'encrypted';
  return (listener, { signal }) => {
    const failure = (end: ProcessEnd): Error => explained(file, address, end);
    const options = { file, args: sshArguments(address), protection, failure, signal } as const;
    return processTransport(options, listener);
  };
}

const NOT_LET_IN =
  /permission denied|host key verification failed|too many authentication failures|no matching host key/i;

function explained(file: string, { host, access, name }: LibvirtAddress, end: ProcessEnd): LibvirtConnectionError {
  const words = end.stderr === '' ? '' : `, and said: ${end.stderr}`;
  const refused = NOT_LET_IN.test(end.stderr);
  const advice = refused
    ? `. Log in by hand first: the same "${file}" must reach ${host} with a key or an agent, and know its host key`
    : isMissing(end)
      ? '. An OpenSSH client has to be installed, or named by ?command='
      : `. Over there must be a libvirt daemon for ${name} (${access}), and virt-ssh-helper or netcat`;
  const facts = { reason: refused ? 'authentication' : 'unreachable', sent: false } as const;
  return new LibvirtConnectionError(`no connection to ${host} by ${file}: ${end.how}${words}${advice}`, facts);
}

function isMissing(end: ProcessEnd): boolean {
  return end.how.includes('ENOENT');
}
