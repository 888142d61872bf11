import { LENGTH_BYTES, readPacket, requirePacketLength, type Packet } from './packet.js';

const BYTES_AT_FIRST = 16 * 1024;
/** Packets of these sizes get memory of their own: the data of streams, which is handed on without a copy. */
const OWN_BYTES_MIN = 64 * 1024;
const OWN_BYTES_MAX = 512 * 1024;
/** An idle reader gives back a buffer that one large packet has made larger than this. */
const IDLE_BYTES_MAX = 1024 * 1024;
/** A stream packet of libvirtd's, whole: what is recycled fits the next one. */
const RECYCLED_BYTES = 256 * 1024 + 64;
const RECYCLED_COUNT_MAX = 8;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts a stream of bytes, arriving in chunks of any size, into packets. Unusable once it has thrown.
 *
 * Packets that lie whole in a chunk are read from the chunk. The start of an unfinished one is kept in a buffer that
 * doubles: joining two buffers per chunk would cost the square of a large packet's length. The buffer grows with the
 * bytes that have come; the length that was announced is believed only where that costs little.
 */
export class PacketReader {
  #pending = NOTHING;
  #pendingBytes = 0;
  #memory: Packet['memory'] = 'shared';
  readonly #recycled: Buffer<ArrayBuffer>[] = [];

  /** Bytes of an unfinished packet. Not 0 when the peer hangs up: the last packet was cut off. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Hands every packet that is now complete to `accept`, in order.
   * @throws ProtocolError when a length is out of range; the stream cannot be trusted after that
   */
  push(chunk: Buffer, accept: (packet: Packet) => void): void {
    let offset = 0;
    while (this.#pendingBytes > 0 && offset < chunk.length) {
      const missing = this.#missingBytes();
      const taken = Math.min(missing, chunk.length - offset);
      this.#keep(chunk.subarray(offset, offset + taken));
      offset += taken;
      if (taken === missing && this.#missingBytes() === 0) this.#acceptPending(accept);
    }
    while (chunk.length - offset >= LENGTH_BYTES) {
      const length = chunk.readUInt32BE(offset);
      requirePacketLength(length);
      if (chunk.length - offset < length) break;
      accept(readPacket(chunk.subarray(offset, offset + length)));
      offset += length;
    }
    if (offset < chunk.length) this.#keep(chunk.subarray(offset));
  }

  /** How many bytes the pending packet lacks; while its length is not known yet, how many the length lacks. */
  #missingBytes(): number {
    if (this.#pendingBytes < LENGTH_BYTES) return LENGTH_BYTES - this.#pendingBytes;
    const length = this.#pending.readUInt32BE(0);
    requirePacketLength(length);
    return length - this.#pendingBytes;
  }

  #acceptPending(accept: (packet: Packet) => void): void {
    const bytes = this.#pending.subarray(0, this.#pendingBytes);
    const memory = this.#memory;
    this.#pendingBytes = 0;
    this.#memory = 'shared';
    const whole = this.#pending;
    if (memory === 'own' || whole.length > IDLE_BYTES_MAX) this.#pending = NOTHING;
    accept(readPacket(bytes, memory === 'own' ? () => this.#recycle(whole) : undefined));
  }

  #recycle(memory: Buffer<ArrayBuffer>): void {
    if (memory.length === RECYCLED_BYTES && this.#recycled.length < RECYCLED_COUNT_MAX) this.#recycled.push(memory);
  }

  #ownMemory(byteLength: number): Buffer<ArrayBuffer> {
    if (byteLength > RECYCLED_BYTES) return Buffer.allocUnsafeSlow(byteLength);
    return this.#recycled.pop() ?? Buffer.allocUnsafeSlow(RECYCLED_BYTES);
  }

  #keep(bytes: Buffer): void {
    if (this.#pendingBytes === 0 && isWorthOwnMemory(bytes)) {
      this.#pending = this.#ownMemory(bytes.readUInt32BE(0));
      this.#memory = 'own';
    }
    const needed = this.#pendingBytes + bytes.length;
    if (needed > this.#pending.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#pending.length * 2, BYTES_AT_FIRST));
      this.#pending.copy(larger, 0, 0, this.#pendingBytes);
      this.#pending = larger;
    }
    bytes.copy(this.#pending, this.#pendingBytes);
    this.#pendingBytes = needed;
  }
}

function isWorthOwnMemory(start: Buffer): boolean {
  if (start.length < LENGTH_BYTES) return false;
  const length = start.readUInt32BE(0);
  return length >= OWN_BYTES_MIN && length <= OWN_BYTES_MAX;
}
