import { i64, u32 } from '../wire/number-codecs.js';
import { ProtocolError } from '../wire/protocol-error.js';
import { struct } from '../wire/struct-codec.js';

/** Bytes of a sparse stream that are all zero, and are not sent. */
export interface StreamHole {
  readonly holeBytes: bigint;
}

/** virNetStreamHole, as packets of type 6 carry it. */
export const holeCodec = struct({ length: i64, flags: u32 });

/** @throws ProtocolError when no hole can be so long */
export function holeOf({ length }: { readonly length: bigint }): StreamHole {
  if (length < 0n) throw new ProtocolError(`a hole of ${length} bytes in a stream`);
  return { holeBytes: length };
}
