import type { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import type { Transport } from '../transport/transport.js';
import { headerBytes, PacketStatus, PacketType, type Packet, type PacketHeader } from '../wire/packet.js';
import { XdrReader } from '../wire/xdr-reader.js';
import type { XdrWriter } from '../wire/xdr-writer.js';
import type { LibvirtStream, StreamCarrier } from './libvirt-stream.js';
import type { Outbox } from './outbox.js';
import { readError } from './read-reply.js';
import { holeCodec, holeOf } from './stream-hole.js';

const BUFFERED_BYTES_MAX = 1024 * 1024;
/** So few bytes are copied faster than they are sent alone, and their writer need not wait. */
const COPIED_BYTES_MAX = 16 * 1024;
/** The most that one stream packet carries (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX less the header). */
const PIECE_BYTES_MAX = 262_120;

interface OpenStream {
  readonly stream: LibvirtStream;
  readonly serial: number;
  readonly procedure: AnyProcedure;
}

/** The open streams of one connection. Their packets carry the serial of the call that has opened them. */
export class StreamTable implements StreamCarrier {
  readonly #outbox: Outbox;
  readonly #transport: () => Transport | undefined;
  readonly #bySerial = new Map<number, OpenStream>();
  readonly #byStream = new Map<LibvirtStream, OpenStream>();
  readonly #waiting: (() => void)[] = [];
  /** Who waits until the transport has taken its bytes. */
  readonly #sending = new Set<() => void>();
  #end: LibvirtConnectionError | undefined;

  constructor(outbox: Outbox, transport: () => Transport | undefined) {
    this.#outbox = outbox;
    this.#transport = transport;
  }

  has(serial: number): boolean {
    return this.#bySerial.has(serial);
  }

  /** Idempotent. */
  open(stream: LibvirtStream, serial: number, procedure: AnyProcedure): void {
    if (stream.isOver || this.#bySerial.has(serial)) return;
    const opened = { stream, serial, procedure };
    this.#bySerial.set(serial, opened);
    this.#byStream.set(stream, opened);
  }

  receive(packet: Packet): void {
    const opened = this.#bySerial.get(packet.serial);
    // After the end of a stream there may still come what was under way.
    if (opened === undefined) return;
    opened.stream.receive(packet, () => readError(packet, opened.procedure.name));
  }

  /** @throws ProtocolError when the packet is no hole of a stream that may have some */
  receiveHole(packet: Packet): void {
    const opened = this.#bySerial.get(packet.serial);
    if (opened === undefined) return;
    const reader = new XdrReader(packet.payload);
    const hole = holeOf(holeCodec.read(reader));
    reader.end();
    opened.stream.receiveHole(hole);
  }

  /** The socket has room again. */
  drained(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  end(error: LibvirtConnectionError): void {
    this.#end = error;
    for (const { stream, procedure } of [...this.#bySerial.values()]) stream.end(error.forCall(procedure.name, true));
    this.drained();
    for (const resolve of this.#sending) resolve();
    this.#sending.clear();
  }

  send(stream: LibvirtStream, status: number): void {
    this.#send(stream, PacketType.STREAM, status, () => undefined);
  }

  async sendData(stream: LibvirtStream, bytes: Uint8Array): Promise<void> {
    const transport = this.#transport();
    const copies = bytes.length <= COPIED_BYTES_MAX || transport?.writeParts === undefined;
    await (copies ? this.#sendCopies(stream, bytes) : this.#sendInPlace(stream, bytes));
  }

  sendHole(stream: LibvirtStream, holeBytes: bigint): void {
    const hole = { length: holeBytes, flags: 0 };
    this.#send(stream, PacketType.STREAM_HOLE, PacketStatus.CONTINUE, (writer) => holeCodec.write(writer, hole));
  }

  async writable(): Promise<void> {
    this.#outbox.flush();
    while (this.#end === undefined && (this.#transport()?.bufferedBytes ?? 0) > BUFFERED_BYTES_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#end !== undefined) throw this.#end.forCall('a stream', true);
  }

  pause(): void {
    this.#transport()?.pause();
  }

  resume(): void {
    this.#transport()?.resume();
  }

  forget(stream: LibvirtStream): void {
    const opened = this.#byStream.get(stream);
    this.#byStream.delete(stream);
    if (opened !== undefined) this.#bySerial.delete(opened.serial);
  }

  async #sendCopies(stream: LibvirtStream, bytes: Uint8Array): Promise<void> {
    for (const piece of piecesOf(bytes)) {
      this.#send(stream, PacketType.STREAM, PacketStatus.CONTINUE, (writer) => writer.rest(piece));
      await this.writable();
    }
  }

  async #sendInPlace(stream: LibvirtStream, bytes: Uint8Array): Promise<void> {
    // A stream that has ended meanwhile sends nothing more; one that is gone is told so.
    const header = this.#headerOf(stream, PacketType.STREAM, PacketStatus.CONTINUE);
    if (header !== undefined) {
      const parts = [...piecesOf(bytes)].flatMap((piece) => [headerBytes(header, piece.length), piece]);
      this.#outbox.flush();
      await new Promise<void>((resolve) => {
        this.#sending.add(resolve);
        this.#transport()?.writeParts?.(parts, () => {
          this.#sending.delete(resolve);
          resolve();
        });
      });
    }
    if (this.#end !== undefined) throw this.#end.forCall('a stream', true);
  }

  #send(stream: LibvirtStream, type: number, status: number, writePayload: (writer: XdrWriter) => void): void {
    const header = this.#headerOf(stream, type, status);
    if (header !== undefined) this.#outbox.add(header, writePayload);
  }

  /** Undefined when the stream has ended. */
  #headerOf(stream: LibvirtStream, type: number, status: number): PacketHeader | undefined {
    const opened = this.#byStream.get(stream);
    if (opened === undefined) return undefined;
    const { program, number: procedure } = opened.procedure;
    return { program: program.number, version: program.version, procedure, type, serial: opened.serial, status };
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX) yield bytes.subarray(at, at + PIECE_BYTES_MAX);
}
