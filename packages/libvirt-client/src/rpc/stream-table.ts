import type { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import type { Transport } from '../transport/transport.js';
import { PacketStatus, PacketType, type Packet } from '../wire/packet.js';
import { XdrReader } from '../wire/xdr-reader.js';
import type { XdrWriter } from '../wire/xdr-writer.js';
import type { LibvirtStream, StreamCarrier } from './libvirt-stream.js';
import type { Outbox } from './outbox.js';
import { readError } from './read-reply.js';
import { holeCodec, holeOf } from './stream-hole.js';

const BUFFERED_BYTES_MAX = 1024 * 1024;

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
    opened.stream.receive(packet.status, packet.payload, () => readError(packet, opened.procedure.name));
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
  }

  send(stream: LibvirtStream, status: number, bytes: Uint8Array | undefined): void {
    this.#send(stream, PacketType.STREAM, status, (writer) => {
      if (bytes !== undefined) writer.rest(bytes);
    });
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

  #send(stream: LibvirtStream, type: number, status: number, writePayload: (writer: XdrWriter) => void): void {
    const opened = this.#byStream.get(stream);
    if (opened === undefined) return;
    const { program, number: procedure } = opened.procedure;
    const header = { program: program.number, version: program.version, procedure };
    this.#outbox.add({ ...header, type, serial: opened.serial, status }, writePayload);
  }
}
