import { LibvirtError } from '../errors/libvirt-error.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import { remoteError } from '../procedures/structs.gen.js';
import { PacketStatus, type Packet } from '../wire/packet.js';
import { ProtocolError } from '../wire/protocol-error.js';
import { XdrReader } from '../wire/xdr-reader.js';

/** The result that a reply carries, or the error. @throws ProtocolError when it carries neither */
export function readReply(packet: Packet, procedure: AnyProcedure): { result: unknown } | { error: LibvirtError } {
  if (packet.status === PacketStatus.ERROR) return { error: readError(packet, procedure.name) };
  if (packet.status !== PacketStatus.OK) throw new ProtocolError(`a reply with status ${packet.status}`);
  const reader = new XdrReader(packet.payload);
  const result = procedure.result.read(reader);
  reader.end();
  return { result };
}

/** The error that a packet with error status carries. */
export function readError(packet: Packet, procedureName: string): LibvirtError {
  const reader = new XdrReader(packet.payload);
  const facts = remoteError.read(reader);
  reader.end();
  return new LibvirtError(facts, procedureName);
}
