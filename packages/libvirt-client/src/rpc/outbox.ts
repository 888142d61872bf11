import { writePacket, type PacketHeader } from '../wire/packet.js';
import { XdrWriter } from '../wire/xdr-writer.js';

const EXPECTED_BYTES_MIN = 512;
const EXPECTED_BYTES_MAX = 16 * 1024;

/**
 * Gathers the packets that are made in one turn and sends them with one write. Calls made side by side then cost one
 * system call together, which is most of what makes pipelining fast.
 */
export class Outbox {
  readonly #send: (bytes: Buffer) => void;
  #writer: XdrWriter | undefined;
  /** As much as last time: who calls many at once mostly goes on so. */
  #expectedBytes = EXPECTED_BYTES_MIN;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  /** Adds a packet. When its payload cannot be written it throws, and nothing of it is sent. */
  add(header: PacketHeader, writePayload: (writer: XdrWriter) => void): void {
    if (this.#writer === undefined) {
      this.#writer = new XdrWriter(this.#expectedBytes);
      queueMicrotask(this.flush);
    }
    writePacket(this.#writer, header, writePayload);
  }

  readonly flush = (): void => {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined || writer.length === 0) return;
    this.#expectedBytes = Math.min(Math.max(writer.length, EXPECTED_BYTES_MIN), EXPECTED_BYTES_MAX);
    this.#send(writer.bytes());
  };
}
