import type { Codec } from './codec.js';

export const u32: Codec<number> = {
  bytesMin: 4,
  write: (writer, value) => writer.u32(value),
  read: (reader) => reader.u32(),
};

export const i32: Codec<number> = {
  bytesMin: 4,
  write: (writer, value) => writer.i32(value),
  read: (reader) => reader.i32(),
};

/** A bigint, because libvirt's counters leave the range in which a number is exact. */
export const u64: Codec<bigint> = {
  bytesMin: 8,
  write: (writer, value) => writer.u64(value),
  read: (reader) => reader.u64(),
};

export const i64: Codec<bigint> = {
  bytesMin: 8,
  write: (writer, value) => writer.i64(value),
  read: (reader) => reader.i64(),
};

export const f64: Codec<number> = {
  bytesMin: 8,
  write: (writer, value) => writer.f64(value),
  read: (reader) => reader.f64(),
};

/** One byte in C, four on the wire. */
export const char: Codec<number> = narrow(-0x80, 0x7f);
export const uchar: Codec<number> = narrow(0, 0xff);
/** Two bytes in C, four on the wire. */
export const ushort: Codec<number> = narrow(0, 0xffff);

function narrow(min: number, max: number): Codec<number> {
  return {
    bytesMin: 4,
    write: (writer, value) => writer.narrow(value, min, max),
    read: (reader) => reader.narrow(min, max),
  };
}
