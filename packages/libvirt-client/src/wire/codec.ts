import type { XdrReader } from './xdr-reader.js';
import type { XdrWriter } from './xdr-writer.js';

/** How one type of value goes onto the wire and comes back: `read` of what `write` wrote gives the same value. */
export interface Codec<Value> {
  /** The fewest bytes a value takes. Lets a reader refuse a count before it allocates anything. */
  readonly bytesMin: number;
  /** @throws LibvirtArgumentError when the value does not fit the type */
  write(writer: XdrWriter, value: Value): void;
  /** @throws ProtocolError when the bytes are no value of the type */
  read(reader: XdrReader): Value;
}
