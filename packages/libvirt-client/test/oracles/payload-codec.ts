import { remoteError } from '../../src/procedures/structs.gen.js';
import type { Codec } from '../../src/wire/codec.js';
import { i64, u32 } from '../../src/wire/number-codecs.js';
import { PacketStatus, PacketType, type Packet } from '../../src/wire/packet.js';
import { struct } from '../../src/wire/struct-codec.js';
import { knownMessage } from './known-messages.js';

const KEEPALIVE_PROGRAM = 0x6b65_6570;

const nothing = struct({}) as unknown as Codec<unknown>;
const hole = struct({ length: i64, flags: u32 }) as unknown as Codec<unknown>;
const failure = remoteError as Codec<unknown>;

/** The codec for what a packet carries; `undefined` for the content of a stream, which has no structure. */
export function payloadCodec(packet: Packet): Codec<unknown> | undefined {
  if (packet.program === KEEPALIVE_PROGRAM) return nothing;
  const message = knownMessage(packet);
  if ('payload' in message) return message.payload;
  switch (packet.type) {
    case PacketType.CALL:
      return message.arguments;
    case PacketType.REPLY:
      return packet.status === PacketStatus.ERROR ? failure : message.result;
    case PacketType.STREAM:
      if (packet.status === PacketStatus.CONTINUE) return undefined;
      // An abort by the client has the status of an error, and says no more.
      return packet.status === PacketStatus.ERROR && packet.payload.length > 0 ? failure : nothing;
    case PacketType.STREAM_HOLE:
      return hole;
    default:
      throw new Error(`a packet of type ${packet.type}`);
  }
}
