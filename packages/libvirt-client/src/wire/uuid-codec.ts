import type { Codec } from './codec.js';
import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';

const BYTES = 16;
const CANONICAL_LENGTH = 36;
const DASH = 0x2d;
const dashPlaces: ReadonlySet<number> = new Set([8, 13, 18, 23]);
const digitPlaces = Array.from({ length: CANONICAL_LENGTH }, (_, place) => place).filter((p) => !dashPlaces.has(p));
/** The character codes of the uuid that is being read, again and again: a list of domains has hundreds. */
const canonical = Array.from({ length: CANONICAL_LENGTH }, () => DASH);
const digitCodes = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** The value of each hexadecimal digit by its character code. Others have none. */
const digitValues: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? undefined : value;
});

/**
 * Sixteen bytes on the wire; `6ba7b810-9dad-11d1-80b4-00c04fd430c8` here, in lower case when it was read. Written are also those without dashes
 * and in upper case, as virsh takes them.
 *
 * Nearly every call names a domain by its uuid, which is why it is not parsed with a regular expression.
 */
export const uuid: Codec<string> = {
  bytesMin: BYTES,
  write(writer, value) {
    const bytes = parse(value);
    if (bytes === undefined) throw new LibvirtArgumentError(`must be a uuid, but is ${describeValue(value)}`);
    writer.raw(bytes);
  },
  read(reader) {
    for (let digit = 0; digit < 2 * BYTES;) {
      const word = reader.u32();
      for (let shift = 28; shift >= 0; shift -= 4) {
        canonical[digitPlaces[digit++] as number] = digitCodes[(word >>> shift) & 0xf] as number;
      }
    }
    return String.fromCharCode.apply(null, canonical);
  },
};

function parse(value: string): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined;
  const { length } = value;
  if (length !== CANONICAL_LENGTH && length !== 2 * BYTES) return undefined;
  const bytes = new Uint8Array(BYTES);
  for (let index = 0, digits = 0; index < length; index++) {
    const code = value.charCodeAt(index);
    if (length === CANONICAL_LENGTH && dashPlaces.has(index)) {
      if (code !== DASH) return undefined;
      continue;
    }
    const digit = digitValues[code];
    if (digit === undefined) return undefined;
    const place = digits++ >> 1;
    bytes[place] = ((bytes[place] ?? 0) << 4) | digit;
  }
  return bytes;
}
