import { ProtocolError } from './protocol-error.js';
import { LibvirtArgumentError } from './libvirt-argument-error.js';
import { XdrWriter } from './xdr-writer.js';

/**
 * The packet that carries one libvirt RPC message. All fields are big-endian (XDR, RFC 4506).
 *
 *     offset  size  field
 *          0     4  length     of the whole packet, these four bytes included
 *          4     4  program    0x20008086 remote, 0x20008087 qemu, 0x6b656570 keepalive
 *          8     4  version    1
 *         12     4  procedure
 *         16     4  type       0 call, 1 reply, 2 event, 3 stream, 6 stream hole
 *         20     4  serial     of the call; its reply and its stream repeat it; says nothing in an event
 *         24     4  status     0 ok, 1 error, 2 continue (stream data)
 *         28     -  payload
 *
 * Types 4 and 5, call and reply with file descriptors, do not exist for us: Node.js can neither send nor receive those.
 * Nothing here touches a socket or a clock: bytes in, packets out.
 */
export interface PacketHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface Packet extends PacketHeader {
  readonly payload: Buffer;
  /**
   * `shared`: the payload is valid only until the receiver of the packet returns, because the memory is used again for
   * what comes next. `own`: the receiver may keep it.
   */
  readonly memory: 'shared' | 'own';
  /** Gives memory of its own back, for a later packet, by a receiver that has no more use for it. Called at most once. */
  readonly recycle?: () => void;
}

export const LENGTH_BYTES = 4;
export const HEADER_BYTES = 28;
/** VIR_NET_MESSAGE_MAX (32 MiB) and the length word, which it does not count. */
export const PACKET_BYTES_MAX = 33_554_432 + LENGTH_BYTES;

export const PacketType = { CALL: 0, REPLY: 1, EVENT: 2, STREAM: 3, STREAM_HOLE: 6 } as const;
export const PacketStatus = { OK: 0, ERROR: 1, CONTINUE: 2 } as const;

/** Appends one packet. When the payload cannot be written, or is too long, the writer is left as it was. */
export function writePacket(writer: XdrWriter, header: PacketHeader, writePayload: (writer: XdrWriter) => void): void {
  const start = writer.length;
  try {
    writeHeader(writer, header, 0);
    writePayload(writer);
    const length = writer.length - start;
    if (length > PACKET_BYTES_MAX) {
      throw new LibvirtArgumentError(`takes ${length} bytes where a packet has at most ${PACKET_BYTES_MAX}`);
    }
    writer.patchU32(start, length);
  } catch (error) {
    writer.truncate(start);
    throw error;
  }
}

/** The header of a packet whose payload is sent from where it lies. */
export function headerBytes(header: PacketHeader, payloadBytes: number): Buffer {
  const writer = new XdrWriter(HEADER_BYTES);
  writeHeader(writer, header, HEADER_BYTES + payloadBytes);
  return writer.bytes();
}

function writeHeader(writer: XdrWriter, header: PacketHeader, packetBytes: number): void {
  writer.u32(packetBytes);
  writer.u32(header.program);
  writer.u32(header.version);
  writer.u32(header.procedure);
  writer.u32(header.type);
  writer.u32(header.serial);
  writer.u32(header.status);
}

/** Reads a packet of which all bytes are there. */
export function readPacket(bytes: Buffer, recycle?: () => void): Packet {
  return {
    ...(recycle ? { memory: 'own', recycle } : { memory: 'shared' }),
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readUInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/** @throws ProtocolError when no packet can have this length */
export function requirePacketLength(length: number): void {
  if (length >= HEADER_BYTES && length <= PACKET_BYTES_MAX) return;
  throw new ProtocolError(`a packet of ${length} bytes; allowed are ${HEADER_BYTES} to ${PACKET_BYTES_MAX}`);
}
