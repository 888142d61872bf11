import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { LibvirtError } from '../errors/libvirt-error.js';
import { PacketStatus } from '../wire/packet.js';

/** The most that one stream packet carries (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX less the header). */
const STREAM_CHUNK_BYTES_MAX = 262_120;
const RECEIVED_BYTES_MAX = 1024 * 1024;

/** What a stream needs of its connection. */
export interface StreamCarrier {
  send(stream: LibvirtStream, status: number, bytes: Uint8Array | undefined): void;
  /** Resolves when the socket has taken enough of what was sent; rejects when the connection is gone. */
  writable(): Promise<void>;
  /** Stops and restarts reading of the whole connection: libvirt has no other way to slow a stream down. */
  pause(): void;
  resume(): void;
  forget(stream: LibvirtStream): void;
}

type Phase = 'open' | 'finishing' | 'aborting' | 'ended';

/**
 * Bytes to and from the daemon: a console, a channel, the content of a volume.
 *
 * Iterate to receive; the iteration ends with the data, and leaving it early aborts the stream. When 1 MiB waits to be
 * taken, the whole connection stops reading: give a stream a connection of its own, as a `LibvirtClient` does.
 */
export class LibvirtStream implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly #carrier: StreamCarrier;
  readonly #received: Uint8Array[] = [];
  readonly #ended: Promise<void>;
  #resolveEnded!: () => void;
  #receivedBytes = 0;
  #paused = false;
  #dataEnded = false;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #phase: Phase = 'open';

  constructor(carrier: StreamCarrier) {
    this.#carrier = carrier;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Resolves when the stream is over, however it went. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Sends bytes. Resolves when they have been taken for sending; waits while too many are under way. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += STREAM_CHUNK_BYTES_MAX) {
      this.#requireOpen();
      this.#carrier.send(this, PacketStatus.CONTINUE, bytes.subarray(offset, offset + STREAM_CHUNK_BYTES_MAX));
      await this.#carrier.writable();
    }
  }

  /** Ends the stream in good order. Resolves when the daemon has confirmed that it has everything. */
  async finish(): Promise<void> {
    if (this.#phase === 'open') {
      this.#phase = 'finishing';
      this.#carrier.send(this, PacketStatus.OK, undefined);
    }
    this.#resumeReading();
    await this.#ended;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the stream at once; what is under way is dropped. Idempotent; never rejects. */
  async abort(): Promise<void> {
    if (this.#phase === 'open') {
      this.#phase = 'aborting';
      this.#carrier.send(this, PacketStatus.ERROR, undefined);
    }
    this.#drop();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    let complete = false;
    try {
      for (;;) {
        const chunk = this.#take();
        if (chunk !== undefined) yield chunk;
        else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#dataEnded || this.#phase === 'ended') break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      complete = true;
    } finally {
      if (!complete) await this.abort();
    }
    await this.finish();
  }

  /** @internal The daemon has sent a packet of this stream. */
  receive(status: number, payload: Uint8Array, readError: () => LibvirtError): void {
    if (status === PacketStatus.CONTINUE) {
      if (payload.length === 0) this.#dataEnded = true;
      else if (this.#phase === 'open') this.#keep(new Uint8Array(payload));
    } else if (status === PacketStatus.ERROR) {
      return this.end(readError());
    } else {
      return this.end(undefined);
    }
    this.#wake?.();
  }

  /** @internal The daemon has refused or ended the stream, or the connection is gone. */
  end(failure: Error | undefined): void {
    if (this.#phase === 'ended') return;
    // Whoever has aborted the stream is not interested in how it failed.
    if (this.#phase !== 'aborting') this.#failure = failure;
    this.#phase = 'ended';
    this.#carrier.forget(this);
    this.#resumeReading();
    this.#resolveEnded();
    this.#wake?.();
  }

  #keep(chunk: Uint8Array): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes < RECEIVED_BYTES_MAX || this.#paused) return;
    this.#paused = true;
    this.#carrier.pause();
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#received.shift();
    this.#receivedBytes -= chunk?.length ?? 0;
    if (this.#receivedBytes < RECEIVED_BYTES_MAX / 2) this.#resumeReading();
    return chunk;
  }

  #drop(): void {
    this.#received.length = 0;
    this.#receivedBytes = 0;
    this.#resumeReading();
  }

  #resumeReading(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#carrier.resume();
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#phase === 'open') return;
    throw new LibvirtConnectionError('the stream is over', { reason: 'closed', sent: false });
  }
}
