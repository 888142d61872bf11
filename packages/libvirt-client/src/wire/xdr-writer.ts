import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';

const BYTES_AT_FIRST = 1024;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Writes XDR (RFC 4506) into a buffer that doubles. Every value takes a multiple of four bytes, big-endian.
 *
 * Each method checks its value at run time, because callers may be JavaScript, and throws a
 * {@link LibvirtArgumentError} for one that does not fit.
 */
export class XdrWriter {
  #buffer: Buffer;
  #length = 0;

  /** Give it the length to expect where that is known: growing costs a copy. */
  constructor(bytesExpected = BYTES_AT_FIRST) {
    this.#buffer = Buffer.allocUnsafe(bytesExpected);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far. The writer must not be used any more. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets everything from `length` on: a packet whose arguments turned out to be wrong leaves nothing behind. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Overwrites a word that was written before, as the length of a packet is only known at its end. */
  patchU32(offset: number, value: number): void {
    this.#buffer.writeUInt32BE(value, offset);
  }

  u32(value: number): void {
    this.#requireInteger(value, 0, 0xffff_ffff);
    const start = this.#advance(4);
    this.#buffer.writeUInt32BE(value, start);
  }

  i32(value: number): void {
    this.#requireInteger(value, -0x8000_0000, 0x7fff_ffff);
    const start = this.#advance(4);
    this.#buffer.writeInt32BE(value, start);
  }

  /** An integer that is smaller in C than its four bytes on the wire. */
  narrow(value: number, min: number, max: number): void {
    this.#requireInteger(value, min, max);
    const start = this.#advance(4);
    this.#buffer.writeInt32BE(value, start);
  }

  u64(value: bigint): void {
    this.#requireBigint(value, 0n, UINT64_MAX);
    const start = this.#advance(8);
    this.#buffer.writeBigUInt64BE(value, start);
  }

  i64(value: bigint): void {
    this.#requireBigint(value, INT64_MIN, INT64_MAX);
    const start = this.#advance(8);
    this.#buffer.writeBigInt64BE(value, start);
  }

  f64(value: number): void {
    if (typeof value !== 'number') throw new LibvirtArgumentError(`must be a number, but is ${describeValue(value)}`);
    const start = this.#advance(8);
    this.#buffer.writeDoubleBE(value, start);
  }

  string(value: string, bytesMax: number): void {
    if (typeof value !== 'string') throw new LibvirtArgumentError(`must be a string, but is ${describeValue(value)}`);
    // To C the string would end there, and the daemon would act on another text than the one that was checked.
    if (value.includes('\0')) throw new LibvirtArgumentError(`must not contain NUL, but is ${describeValue(value)}`);
    const byteLength = Buffer.byteLength(value);
    if (byteLength > bytesMax) {
      throw new LibvirtArgumentError(`must take at most ${bytesMax} bytes of UTF-8, but takes ${byteLength}`);
    }
    const start = this.#reserve(4 + byteLength);
    this.#buffer.writeUInt32BE(byteLength, start);
    this.#buffer.write(value, start + 4);
  }

  /** Variable-length bytes: their count, then themselves. */
  opaque(value: Uint8Array, bytesMax: number): void {
    if (!(value instanceof Uint8Array)) {
      throw new LibvirtArgumentError(`must be a Uint8Array, but is ${describeValue(value)}`);
    }
    if (value.length > bytesMax) {
      throw new LibvirtArgumentError(`must have at most ${bytesMax} bytes, but has ${value.length}`);
    }
    const start = this.#reserve(4 + value.length);
    this.#buffer.writeUInt32BE(value.length, start);
    this.#buffer.set(value, start + 4);
  }

  /** Bytes without a count, padded to a multiple of four. */
  raw(value: Uint8Array): void {
    const start = this.#reserve(value.length);
    this.#buffer.set(value, start);
  }

  /** Bytes as they are, to the end of the packet: the content of a stream is no XDR. */
  rest(value: Uint8Array): void {
    const start = this.#advance(value.length);
    this.#buffer.set(value, start);
  }

  /** Room for `byteLength` bytes and the zeros that pad them. Returns where it starts. */
  #reserve(byteLength: number): number {
    const padded = (byteLength + 3) & ~3;
    const start = this.#advance(padded);
    if (padded !== byteLength) this.#buffer.fill(0, start + byteLength, start + padded);
    return start;
  }

  /** Takes room, perhaps in a new buffer: call it before `#buffer` is looked at. */
  #advance(byteLength: number): number {
    const start = this.#length;
    const end = start + byteLength;
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.#length = end;
    return start;
  }

  #requireInteger(value: number, min: number, max: number): void {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    throw new LibvirtArgumentError(`must be an integer from ${min} to ${max}, but is ${describeValue(value)}`);
  }

  #requireBigint(value: bigint, min: bigint, max: bigint): void {
    if (typeof value === 'bigint' && value >= min && value <= max) return;
    throw new LibvirtArgumentError(`must be a bigint from ${min} to ${max}, but is ${describeValue(value)}`);
  }
}
