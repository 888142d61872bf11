import type { Socket } from 'node:net';
import { socketTransport } from './socket-transport.js';
import type { Protection, Transport, TransportListener } from './transport.js';

const HEADER_BYTES = 28;

/**
 * A connected TLS socket that puts each packet into a record of its own.
 *
 * libvirtd (seen with 9.0.0) waits for its socket to become readable, but what stands behind the first packets of a
 * record has already been read and lies deciphered in its memory: it now and then forgets such a packet until more
 * bytes come, as a keepalive seconds later. Node.js makes one record of all that waits, so one packet waits at a time.
 */
export function tlsTransport(socket: Socket, listener: TransportListener, protection: Protection): Transport {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let isWriting = false;
  const written = (): void => {
    isWriting = false;
    if (waiting.length === 0) listener.drained();
    else writeNext();
  };
  const writeNext = (): void => {
    const packet = waiting.shift();
    if (packet === undefined || !socket.writable) return;
    waitingBytes -= packet.length;
    isWriting = true;
    socket.write(packet, written);
  };
  const ended = (error: Error | undefined): void => listener.ended(error);
  const transport = socketTransport(socket, { drained: () => undefined, ended }, protection);
  return {
    protection,
    write(bytes) {
      for (const packet of packetsIn(bytes)) {
        waiting.push(packet);
        waitingBytes += packet.length;
      }
      if (!isWriting) writeNext();
    },
    get bufferedBytes() {
      return waitingBytes + transport.bufferedBytes;
    },
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    destroy() {
      waiting.length = 0;
      waitingBytes = 0;
      transport.destroy();
    },
  };
}

/** The packets that stand one behind the other. What does not look like packets is left as it is. */
function* packetsIn(bytes: Buffer): Generator<Buffer> {
  let at = 0;
  while (bytes.length - at > HEADER_BYTES) {
    const length = bytes.readUInt32BE(at);
    if (length < HEADER_BYTES || length >= bytes.length - at) break;
    yield bytes.subarray(at, at + length);
    at += length;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}
