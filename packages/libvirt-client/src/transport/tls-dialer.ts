import { isIP, type OnReadOpts } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import { tlsTransport } from './tls-transport.js';
import { readTlsFiles, type TlsFilesOptions } from './tls-files.js';
import type { Dialer, Protection, Transport, TransportListener } from './transport.js';

const READ_BUFFER_BYTES = 64 * 1024;
/** The daemon sends it first, once it has accepted the client's certificate. If it has not, it hangs up. */
const ACCEPTED = 1;

export interface TlsDialerOptions extends TlsFilesOptions {
  /** Default 16514. */
  readonly port?: number | undefined;
  /** `skip`: whoever answers is taken for the daemon. Default `required`. */
  readonly serverCertificate?: 'required' | 'skip';
}

/** Dials libvirt's TLS port: encrypted, and both ends show certificates. */
export function tlsDialer(host: string, options: TlsDialerOptions = {}): Dialer {
  const port = options.port ?? 16514;
  return async (listener, { signal }) => {
    const files = await readTlsFiles(options);
    const settings: ConnectionOptions = {
      ...{ host, port, ...files, minVersion: 'TLSv1.2' },
      rejectUnauthorized: options.serverCertificate !== 'skip',
      ...(isIP(host) === 0 && { servername: host }),
    };
    const peer: Peer = {
      text: `${host}:${port}`,
      own: files.cert === undefined ? 'none' : 'shown',
      protection: options.serverCertificate === 'skip' ? 'unverified' : 'encrypted',
    };
    return dial(settings, peer, listener, signal);
  };
}

interface Peer {
  readonly text: string;
  /** Whether this side has a certificate to show. */
  readonly own: 'none' | 'shown';
  readonly protection: Protection;
}

function dial(
  settings: ConnectionOptions,
  peer: Peer,
  listener: TransportListener,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  const { promise, resolve, reject } = Promise.withResolvers<Transport>();
  signal?.throwIfAborted();
  let stage: 'connecting' | 'connected' | 'open' = 'connecting';
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  const callback = (byteLength: number): boolean => {
    if (stage === 'open') listener.received(buffer.subarray(0, byteLength));
    else greet(byteLength);
    return true;
  };
  const start = (): ReturnType<typeof connect> => {
    try {
      // Node's types do not know that TLS sockets read into a given buffer too.
      const reading: ConnectionOptions & { readonly onread: OnReadOpts } = {
        ...settings,
        onread: { buffer, callback },
      };
      return connect(reading);
    } catch (error) {
      // Certificates that cannot be parsed: nothing was connected yet.
      throw failure(error as Error, peer, 'connecting');
    }
  };
  const socket = start();
  const abort = (): void => void socket.destroy(signal?.reason as Error);
  const refuse = (error: Error): void => {
    forget();
    reject(signal?.aborted ? (signal.reason as Error) : failure(error, peer, stage));
  };
  const hungUp = (): void => void socket.destroy(new Error('it has hung up'));
  const forget = (): void => {
    signal?.removeEventListener('abort', abort);
    socket.off('error', refuse).off('end', hungUp);
    // A late error of a socket that was given up says nothing new.
    socket.on('error', () => undefined);
  };
  const greet = (byteLength: number): void => {
    if (byteLength !== 1 || buffer[0] !== ACCEPTED) {
      return void socket.destroy(new Error('it did not greet as libvirt does behind TLS'));
    }
    stage = 'open';
    forget();
    resolve(tlsTransport(socket, listener, peer.protection));
  };
  signal?.addEventListener('abort', abort, { once: true });
  socket.on('error', refuse).on('end', hungUp);
  socket.once('secureConnect', () => (stage = 'connected'));
  socket.setNoDelay();
  return promise;
}

function failure(error: NodeJS.ErrnoException, peer: Peer, stage: string): LibvirtConnectionError {
  const { problem, reason } = explained(error, peer, stage);
  const text = `cannot connect to libvirt at ${peer.text} by TLS: ${problem}`;
  return new LibvirtConnectionError(text, { reason, sent: false }, { cause: error });
}

/** Codes of the system are about the way there; those of OpenSSL and what comes after the handshake, about trust. */
function explained(
  error: NodeJS.ErrnoException,
  { own }: Peer,
  stage: string,
): { readonly problem: string; readonly reason: 'unreachable' | 'authentication' } {
  const { code = '', message } = error;
  if (stage === 'connected' || /ALERT|TLSV1|SSLV3/.test(code)) {
    const shown = own === 'none' ? 'this side showed no certificate' : 'the daemon did not accept our certificate';
    const advice =
      'is it signed by a CA the daemon trusts, valid now, and its name in tls_allowed_dn_list if that is set';
    return { problem: `${message}; most likely ${shown}: ${advice}?`, reason: 'authentication' };
  }
  if (code === 'ECONNREFUSED') {
    const problem = 'nothing listens there; libvirtd does with --listen or its TLS socket unit, and listen_tls = 1';
    return { problem, reason: 'unreachable' };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { problem: `the daemon's certificate is for another host: ${message}`, reason: 'authentication' };
  }
  if (/CERT|VERIFY|ISSUER|SELF_SIGNED|CRL/.test(code)) {
    const problem = `the daemon's certificate is not to be trusted (${code}): ${message}; its CA belongs into cacert.pem`;
    return { problem, reason: 'authentication' };
  }
  if (/^ERR_(?:OSSL|SSL)/.test(code)) return { problem: `${message} (${code})`, reason: 'authentication' };
  return { problem: message, reason: 'unreachable' };
}
