import type { Procedure } from '../procedures/procedure.js';
import { remoteError, type RemoteError } from '../procedures/structs.gen.js';
import { holeCodec } from '../rpc/stream-hole.js';
import { PacketStatus, PacketType, writePacket } from '../wire/packet.js';
import { XdrWriter } from '../wire/xdr-writer.js';

const nothingWrong: RemoteError = {
  ...{ code: 0, domain: 0, message: null, level: 2, dom: null, net: null },
  ...{ str1: null, str2: null, str3: null, int1: 0, int2: 0 },
};

/** A call that a client has made, and the ways to answer it. A test may answer late, twice, wrongly or never. */
export class ScriptedCall<Arguments = unknown, Result = unknown> {
  readonly procedure: Procedure<Arguments, Result>;
  readonly args: Arguments;
  readonly serial: number;
  readonly #send: (bytes: Buffer) => void;

  constructor(procedure: Procedure<Arguments, Result>, args: Arguments, serial: number, send: (bytes: Buffer) => void) {
    this.procedure = procedure;
    this.args = args;
    this.serial = serial;
    this.#send = send;
  }

  reply(result: Result): void {
    this.#send(this.replyBytes(result));
  }

  /** The reply as it would go out: for tests that send it in pieces, or damaged. */
  replyBytes(result: Result): Buffer {
    return this.#packet(PacketType.REPLY, PacketStatus.OK, (writer) => this.procedure.result.write(writer, result));
  }

  /** Answers with an error, of which only what matters to the test needs to be said. */
  fail(error: Partial<RemoteError> & { readonly code: number }): void {
    const facts = { ...nothingWrong, ...error };
    this.#send(this.#packet(PacketType.REPLY, PacketStatus.ERROR, (writer) => remoteError.write(writer, facts)));
  }

  /** Sends a packet of the stream that this call has opened. Empty bytes end the data. */
  sendStream(bytes: Uint8Array): void {
    this.#send(this.#packet(PacketType.STREAM, PacketStatus.CONTINUE, (writer) => writer.rest(bytes)));
  }

  /** Sends the length of a hole in the stream. */
  sendHole(holeBytes: bigint): void {
    const hole = { length: holeBytes, flags: 0 };
    const { STREAM_HOLE } = PacketType;
    this.#send(this.#packet(STREAM_HOLE, PacketStatus.CONTINUE, (writer) => holeCodec.write(writer, hole)));
  }

  /** Confirms the end of the stream. */
  finishStream(): void {
    this.#send(this.#packet(PacketType.STREAM, PacketStatus.OK, () => undefined));
  }

  failStream(error: Partial<RemoteError> & { readonly code: number }): void {
    const facts = { ...nothingWrong, ...error };
    this.#send(this.#packet(PacketType.STREAM, PacketStatus.ERROR, (writer) => remoteError.write(writer, facts)));
  }

  #packet(type: number, status: number, writePayload: (writer: XdrWriter) => void): Buffer {
    const { program, number } = this.procedure;
    const header = { program: program.number, version: program.version, procedure: number, type, serial: this.serial };
    const writer = new XdrWriter();
    writePacket(writer, { ...header, status }, writePayload);
    return writer.bytes();
  }
}
