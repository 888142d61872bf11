import type { Socket } from 'node:net';
import type { Protection, Transport, TransportListener } from './transport.js';

/** A connected socket, TLS or not, as a connection uses it. Reading is up to whoever has made the socket. */
export function socketTransport(
  socket: Socket,
  listener: Pick<TransportListener, 'drained' | 'ended'>,
  protection: Protection,
): Transport {
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  socket.on('drain', () => listener.drained());
  // The peer does not hang up one direction only: when it ends, nothing will be answered any more.
  socket.on('end', () => socket.destroy());
  socket.on('close', () => listener.ended(failure));
  return {
    protection,
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    writeParts(parts, taken) {
      if (!socket.writable) return;
      // What has failed is told by the end of the socket.
      const written = (error?: Error | null): void => {
        if (!error) taken();
      };
      socket.cork();
      for (const [index, part] of parts.entries()) socket.write(part, index === parts.length - 1 ? written : undefined);
      socket.uncork();
    },
    get bufferedBytes() {
      return socket.writableLength;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
}
