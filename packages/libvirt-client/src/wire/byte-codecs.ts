import type { Codec } from './codec.js';
import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';
import type { XdrReader } from './xdr-reader.js';
import type { XdrWriter } from './xdr-writer.js';

/** At most `bytesMax` bytes. */
export function opaque(bytesMax: number): Codec<Uint8Array> {
  return {
    bytesMin: 4,
    write: (writer, value) => writer.opaque(value, bytesMax),
    read: (reader) => reader.opaque(bytesMax),
  };
}

/**
 * At most `countMax` C chars. XDR gives each of them a word of its own, although they are bytes: security labels and
 * SASL data travel like this.
 */
export function chars(countMax: number): Codec<Uint8Array> {
  return {
    bytesMin: 4,
    write(writer, value) {
      requireBytes(value);
      if (value.length > countMax) {
        throw new LibvirtArgumentError(`must have at most ${countMax} bytes, but has ${value.length}`);
      }
      writer.u32(value.length);
      writeChars(writer, value);
    },
    read: (reader) => readChars(reader, reader.count(countMax, 4)),
  };
}

/** Exactly `count` C chars, a word each. */
export function fixedChars(count: number): Codec<Uint8Array> {
  return {
    bytesMin: 4 * count,
    write(writer, value) {
      requireBytes(value);
      if (value.length !== count) {
        throw new LibvirtArgumentError(`must have exactly ${count} bytes, but has ${value.length}`);
      }
      writeChars(writer, value);
    },
    read: (reader) => readChars(reader, count),
  };
}

function requireBytes(value: unknown): void {
  if (value instanceof Uint8Array) return;
  throw new LibvirtArgumentError(`must be a Uint8Array, but is ${describeValue(value)}`);
}

function writeChars(writer: XdrWriter, value: Uint8Array): void {
  // A char is signed where libvirt runs, and XDR widens it with its sign.
  for (const byte of value) writer.i32((byte << 24) >> 24);
}

function readChars(reader: XdrReader, count: number): Uint8Array {
  const value = new Uint8Array(count);
  for (let index = 0; index < count; index++) value[index] = reader.narrow(-0x80, 0xff);
  return value;
}
