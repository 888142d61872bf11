import { readPacket, writePacket } from '../../src/wire/packet.js';
import { XdrReader } from '../../src/wire/xdr-reader.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';
import { payloadCodec } from './payload-codec.js';

/** Decodes a whole packet into values, and makes a packet of these values again. */
export function reencode(bytes: Buffer): Buffer {
  const packet = readPacket(bytes);
  const { payload, ...header } = packet;
  const codec = payloadCodec(packet);
  const writer = new XdrWriter();
  if (codec === undefined) {
    writePacket(writer, header, () => writer.rest(payload));
    return writer.bytes();
  }
  const reader = new XdrReader(payload);
  const value = codec.read(reader);
  reader.end();
  writePacket(writer, header, () => codec.write(writer, value));
  return writer.bytes();
}
