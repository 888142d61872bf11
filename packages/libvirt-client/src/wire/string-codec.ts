import type { Codec } from './codec.js';

/** libvirt's limit for every string, REMOTE_STRING_MAX. */
export const STRING_BYTES_MAX = 4_194_304;

export const string: Codec<string> = {
  bytesMin: 4,
  write: (writer, value) => writer.string(value, STRING_BYTES_MAX),
  read: (reader) => reader.string(STRING_BYTES_MAX),
};
