import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { LibvirtError } from '../errors/libvirt-error.js';
import { LibvirtArgumentError } from '../wire/libvirt-argument-error.js';
import { PacketStatus, type Packet } from '../wire/packet.js';
import { ProtocolError } from '../wire/protocol-error.js';
import type { StreamContent } from './stream-content.js';
import type { StreamHole } from './stream-hole.js';

/** What is handed to the carrier at once, and so the most of a stream that waits in the socket. */
const SENT_BYTES_MAX = 2 * 1024 * 1024;
const RECEIVED_BYTES_MAX = 1024 * 1024;
/** The most that may come ahead of the reply which opens the stream. */
const EARLY_BYTES_MAX = 32 * RECEIVED_BYTES_MAX;
/** What a hole that waits counts for: its own memory, not that of the zeros it stands for. */
const HOLE_COST_BYTES = 64;
const ZEROS_BYTES_MAX = 256 * 1024;

/** What a stream needs of its connection. */
export interface StreamCarrier {
  /** Sends a packet without data. */
  send(stream: LibvirtStream, status: number): void;
  /** Resolves when the bytes may be changed and more may be sent; rejects when the connection is gone. */
  sendData(stream: LibvirtStream, bytes: Uint8Array): Promise<void>;
  sendHole(stream: LibvirtStream, holeBytes: bigint): void;
  /** Resolves when the socket has taken enough of what was sent; rejects when the connection is gone. */
  writable(): Promise<void>;
  /** Stops and restarts reading of the whole connection: libvirt has no other way to slow a stream down. */
  pause(): void;
  resume(): void;
  forget(stream: LibvirtStream): void;
}

interface Received {
  readonly part: Uint8Array | StreamHole;
  /** Gives the part's memory back. */
  readonly recycle: (() => void) | undefined;
}

type Phase = 'open' | 'finishing' | 'aborting' | 'ended';

/**
 * Bytes to and from the daemon: a console, a channel, the content of a volume.
 *
 * Iterate to receive; the iteration ends with the data, and leaving it early aborts the stream. When 1 MiB waits to be
 * taken, the whole connection stops reading: give a stream a connection of its own, as a `LibvirtClient` does.
 */
export class LibvirtStream<Reply = unknown> implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly #carrier: StreamCarrier;
  readonly #content: StreamContent;
  readonly #received: Received[] = [];
  readonly #ended: Promise<void>;
  #resolveEnded!: () => void;
  #reply: Reply | undefined;
  #receivedBytes = 0;
  #paused = false;
  #dataEnded = false;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #phase: Phase = 'open';

  constructor(carrier: StreamCarrier, content: StreamContent = 'dense') {
    this.#carrier = carrier;
    this.#content = content;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Resolves when the stream is over, however it went. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get isOver(): boolean {
    return this.#phase === 'ended';
  }

  /** Why the stream has failed, once it has. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What the daemon has answered to the call that opened the stream. */
  get reply(): Reply {
    return this.#reply as Reply;
  }

  /**
   * Sends bytes, from where they are: do not change them before it has resolved. Resolves when they have been handed to
   * the system; waits while too many are under way.
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += SENT_BYTES_MAX) {
      this.#requireOpen();
      await this.#carrier.sendData(this, bytes.subarray(offset, offset + SENT_BYTES_MAX));
    }
  }

  /** Sends the length of a run of zeros instead of the zeros. For streams that were opened as sparse. */
  async writeHole(holeBytes: bigint): Promise<void> {
    // The daemon hangs up on who sends a hole unasked, and all other calls with it.
    if (this.#content === 'dense') throw new LibvirtArgumentError('the stream was not opened as sparse');
    if (holeBytes < 0n) throw new LibvirtArgumentError(`must be at least 0n, but is ${holeBytes}n`, 'holeBytes');
    if (holeBytes === 0n) return;
    this.#requireOpen();
    this.#carrier.sendHole(this, holeBytes);
    await this.#carrier.writable();
  }

  /** Ends the stream in good order. Resolves when the daemon has confirmed that it has everything. */
  async finish(): Promise<void> {
    if (this.#phase === 'open') {
      this.#phase = 'finishing';
      this.#carrier.send(this, PacketStatus.OK);
    }
    this.#resumeReading();
    await this.#ended;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the stream at once; what is under way is dropped. Idempotent; never rejects. */
  async abort(): Promise<void> {
    if (this.#phase === 'open') {
      this.#phase = 'aborting';
      this.#carrier.send(this, PacketStatus.ERROR);
    }
    this.#drop();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  /** Holes come as the zeros that they stand for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for await (const part of this.parts()) {
      if (part instanceof Uint8Array) yield part;
      else yield* zeros(part.holeBytes);
    }
  }

  /**
   * Receives into the caller's memory, as `read(2)` does: resolves with how many bytes are there now, at least one, or 0 at the end
   * of the data. The quickest way for much data: nothing is left to the garbage collector. Holes come as the zeros that they stand for.
   * Not beside an iteration.
   */
  async readInto(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const taken = this.#takeInto(target.subarray(filled));
      filled += taken;
      if (taken > 0) continue;
      if (filled > 0) break;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#dataEnded || this.#phase === 'ended') {
        await this.finish();
        break;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return filled;
  }

  /** As iterating the stream itself, but holes come as holes. */
  async *parts(): AsyncGenerator<Uint8Array | StreamHole, void> {
    let complete = false;
    try {
      for (;;) {
        const part = this.#take();
        if (part !== undefined) yield part;
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

  /** @internal The daemon has opened the stream. */
  opened(reply: Reply): void {
    this.#reply = reply;
  }

  /** @internal The daemon has sent a packet of this stream. */
  receive({ status, payload, memory, recycle }: Packet, readError: () => LibvirtError): void {
    if (status === PacketStatus.CONTINUE) {
      if (payload.length === 0) this.#dataEnded = true;
      else if (this.#phase !== 'open') recycle?.();
      else this.#keep({ part: memory === 'own' ? payload : new Uint8Array(payload), recycle });
    } else if (status === PacketStatus.ERROR) {
      return this.end(readError());
    } else {
      return this.end(undefined);
    }
    this.#wake?.();
  }

  /** @internal The daemon has sent a hole. @throws ProtocolError when nobody has asked for holes */
  receiveHole(hole: StreamHole): void {
    if (this.#content === 'dense') throw new ProtocolError('a hole in a stream that is not sparse');
    if (this.#phase === 'open') this.#keep({ part: hole, recycle: undefined });
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

  #keep(received: Received): void {
    this.#received.push(received);
    this.#receivedBytes += costOf(received.part);
    if (this.#receivedBytes < RECEIVED_BYTES_MAX || this.#paused) return;
    if (this.#reply === undefined) return this.#requireReplySoon();
    this.#paused = true;
    this.#carrier.pause();
  }

  /** What comes before the reply cannot be held up: the reply is behind it. */
  #requireReplySoon(): void {
    if (this.#receivedBytes <= EARLY_BYTES_MAX) return;
    throw new ProtocolError(`${this.#receivedBytes} bytes of a stream before the reply that opens it`);
  }

  #take(): Uint8Array | StreamHole | undefined {
    const part = this.#received.shift()?.part;
    if (part !== undefined) this.#receivedBytes -= costOf(part);
    if (this.#receivedBytes < RECEIVED_BYTES_MAX / 2) this.#resumeReading();
    return part;
  }

  /** Moves what fits of the oldest part, and answers how many bytes that are. */
  #takeInto(target: Uint8Array): number {
    const oldest = this.#received[0];
    if (oldest === undefined) return 0;
    const { part, recycle } = oldest;
    const partBytes = part instanceof Uint8Array ? part.length : part.holeBytes;
    const taken = partBytes < target.length ? Number(partBytes) : target.length;
    if (part instanceof Uint8Array) target.set(part.subarray(0, taken));
    else target.fill(0, 0, taken);
    this.#take();
    if (taken < partBytes) this.#putBack({ part: without(part, taken), recycle });
    else recycle?.();
    return taken;
  }

  #putBack(received: Received): void {
    this.#received.unshift(received);
    this.#receivedBytes += costOf(received.part);
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

function costOf(part: Uint8Array | StreamHole): number {
  return part instanceof Uint8Array ? part.length : HOLE_COST_BYTES;
}

function without(part: Uint8Array | StreamHole, takenBytes: number): Uint8Array | StreamHole {
  return part instanceof Uint8Array
    ? part.subarray(takenBytes)
    : { ...part, holeBytes: part.holeBytes - BigInt(takenBytes) };
}

function* zeros(count: bigint): Generator<Uint8Array, void> {
  for (let left = count; left > 0n; left -= BigInt(ZEROS_BYTES_MAX)) {
    yield new Uint8Array(left < BigInt(ZEROS_BYTES_MAX) ? Number(left) : ZEROS_BYTES_MAX);
  }
}
