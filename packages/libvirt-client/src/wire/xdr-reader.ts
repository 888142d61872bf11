import { ProtocolError } from './protocol-error.js';

/**
 * Reads XDR (RFC 4506) from the bytes of one message. Every count is checked against its limit and against the bytes
 * that are left before anything is allocated, so that no peer makes us allocate more than it has sent.
 *
 * @throws ProtocolError from every method when the bytes are too few or say something impossible.
 */
export class XdrReader {
  readonly #buffer: Buffer;
  #offset: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = 0;
  }

  get bytesLeft(): number {
    return this.#buffer.length - this.#offset;
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  i32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  /** An integer that is smaller in C than its four bytes on the wire. */
  narrow(min: number, max: number): number {
    const value = this.i32();
    if (value < min || value > max) throw new ProtocolError(`${value} is not from ${min} to ${max}`);
    return value;
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#take(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }

  f64(): number {
    return this.#buffer.readDoubleBE(this.#take(8));
  }

  /** Whether an optional value follows. */
  presence(): boolean {
    const flag = this.u32();
    if (flag > 1) throw new ProtocolError(`${flag} says neither that a value follows nor that none does`);
    return flag === 1;
  }

  /** How many items follow, each of at least `itemBytesMin` bytes. */
  count(max: number, itemBytesMin: number): number {
    const count = this.u32();
    if (count > max) throw new ProtocolError(`${count} items where at most ${max} are allowed`);
    if (count * itemBytesMin > this.bytesLeft) {
      throw new ProtocolError(`${count} items cannot be in the ${this.bytesLeft} bytes left`);
    }
    return count;
  }

  /** Bytes that are no UTF-8 become U+FFFD: a daemon repeats what other programs printed. */
  string(bytesMax: number): string {
    const byteLength = this.count(bytesMax, 1);
    const start = this.#takePadded(byteLength);
    return this.#buffer.toString('utf8', start, start + byteLength);
  }

  /** A copy, so that a small value does not keep the whole packet in memory. */
  opaque(bytesMax: number): Uint8Array {
    return this.raw(this.count(bytesMax, 1));
  }

  raw(byteLength: number): Uint8Array {
    const start = this.#takePadded(byteLength);
    return new Uint8Array(this.#buffer.subarray(start, start + byteLength));
  }

  /** @throws ProtocolError when the message is longer than its type: then the peer means another type. */
  end(): void {
    if (this.bytesLeft > 0) throw new ProtocolError(`${this.bytesLeft} bytes too many at the end of a message`);
  }

  #takePadded(byteLength: number): number {
    return this.#take((byteLength + 3) & ~3);
  }

  #take(byteLength: number): number {
    const start = this.#offset;
    const end = start + byteLength;
    if (end > this.#buffer.length) {
      throw new ProtocolError(`${byteLength} bytes expected where ${this.bytesLeft} are left`);
    }
    this.#offset = end;
    return start;
  }
}
