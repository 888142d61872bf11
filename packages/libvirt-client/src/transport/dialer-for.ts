import type { LibvirtAddress } from './libvirt-uri.js';
import type { LocalUser } from './local-user.js';
import { sessionDialer } from './session-dialer.js';
import { tcpDialer, unixDialer } from './socket-dialer.js';
import { sshDialer } from './ssh-dialer.js';
import { tlsDialer } from './tls-dialer.js';
import type { Dialer } from './transport.js';

/** The dialer for what `parseLibvirtUri` has read. Nothing is connected, read or started before it dials. */
export function dialerFor(address: LibvirtAddress, user: LocalUser = {}): Dialer {
  const { transport, host = 'localhost', port, socketPaths, parameters } = address;
  switch (transport) {
    case 'unix':
      // Who names a socket means the daemon behind it, not one that would be started somewhere else.
      return address.daemon === 'session' && parameters.socket === undefined
        ? sessionDialer(socketPaths, user)
        : unixDialer(...socketPaths);
    case 'tcp':
      return tcpDialer(host, port);
    case 'tls':
      return tlsDialer(host, {
        user,
        port,
        pkipath: parameters.pkipath,
        serverCertificate: parameters.noVerify === '1' ? 'skip' : 'required',
      });
    case 'ssh':
      return sshDialer(address);
  }
}
