import type { Codec } from './codec.js';

/** A value that may be absent: `null` here. An absent string is not an empty one; libvirt tells them apart. */
export function optional<Value>(present: Codec<Value>): Codec<Value | null> {
  return {
    bytesMin: 4,
    write(writer, value) {
      writer.u32(value === null ? 0 : 1);
      if (value !== null) present.write(writer, value);
    },
    read: (reader) => (reader.presence() ? present.read(reader) : null),
  };
}
