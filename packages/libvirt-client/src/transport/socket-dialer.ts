import { createConnection, type NetConnectOpts } from 'node:net';
import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import { socketTransport } from './socket-transport.js';
import type { Dialer, Protection, Transport, TransportListener } from './transport.js';

const READ_BUFFER_BYTES = 256 * 1024;

/**
 * Dials unix sockets, trying one path after another: a daemon of its own for each driver and one daemon for all have
 * different sockets, and only the machine knows which it has.
 */
export function unixDialer(...paths: readonly string[]): Dialer {
  return async (listener, options) => {
    let failure = new LibvirtConnectionError('no socket path was given', { reason: 'unreachable', sent: false });
    for (const path of paths) {
      try {
        return await dial({ path }, { text: path, protection: 'local' }, listener, options.signal);
      } catch (error) {
        if (!(error instanceof LibvirtConnectionError)) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}

/** Dials plain TCP. libvirt's daemon listens there only when told to, and protects nothing: for trusted networks. */
export function tcpDialer(host: string, port = 16509): Dialer {
  const peer = { text: `${host}:${port}`, protection: 'none' } as const;
  return (listener, options) => dial({ host, port, noDelay: true }, peer, listener, options.signal);
}

function dial(
  address: NetConnectOpts,
  peer: { readonly text: string; readonly protection: Protection },
  listener: TransportListener,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // One buffer for all reads: packets are decoded, or copied, before the next read begins.
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    const onread = {
      buffer,
      callback(byteLength: number): boolean {
        listener.received(buffer.subarray(0, byteLength));
        return true;
      },
    };
    const socket = createConnection({ ...address, onread });
    const abort = (): void => {
      socket.destroy();
      reject(signal?.reason as Error);
    };
    const refuse = (error: NodeJS.ErrnoException): void => {
      signal?.removeEventListener('abort', abort);
      const facts = { reason: 'unreachable', sent: false } as const;
      const text = `cannot connect to libvirt at ${peer.text}: ${explained(error)}`;
      reject(new LibvirtConnectionError(text, facts, { cause: error }));
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', refuse);
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abort);
      socket.off('error', refuse);
      resolve(socketTransport(socket, listener, peer.protection));
    });
  });
}

function explained(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such socket; is the daemon running?';
    case 'ECONNREFUSED':
      return 'nothing listens there; the daemon is not running, or was killed';
    case 'EACCES':
      return 'this user may not use the socket';
    case 'ENOTFOUND':
      return 'there is no host of this name';
    default:
      return error.message;
  }
}
