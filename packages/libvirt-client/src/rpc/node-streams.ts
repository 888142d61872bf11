import { addAbortSignal, Duplex, Readable, Writable } from 'node:stream';
import type { LibvirtStream } from './libvirt-stream.js';
import type { StreamContent } from './stream-content.js';
import { writeSparsely } from './write-sparsely.js';

const BUFFERED_BYTES_MAX = 1024 * 1024;

type Open = () => Promise<LibvirtStream>;
type Done = (error?: Error | null) => void;

/** A Readable of what a libvirt stream brings. It is opened at once; destroying the Readable aborts it. */
export function readableOf(open: Open, signal?: AbortSignal): Readable {
  const carried = new CarriedStream(open);
  const readable = new Readable({
    highWaterMark: BUFFERED_BYTES_MAX,
    construct: (done) => carried.open(readable, done),
    read: () => carried.read(readable),
    destroy: (error, done) => carried.abort(error, done),
  });
  return signal === undefined ? readable : addAbortSignal(signal, readable);
}

/**
 * A Writable into a libvirt stream. It has finished when the daemon has confirmed that it has everything; destroying it
 * before aborts the stream.
 */
export function writableOf(open: Open, content: StreamContent = 'dense', signal?: AbortSignal): Writable {
  const carried = new CarriedStream(open);
  const writable = new Writable({
    highWaterMark: BUFFERED_BYTES_MAX,
    construct: (done) => carried.open(writable, done),
    write: (chunk: Buffer, _encoding, done) => carried.write(chunk, content, done),
    final: (done) => carried.finish(done),
    destroy: (error, done) => carried.abort(error, done),
  });
  return signal === undefined ? writable : addAbortSignal(signal, writable);
}

/**
 * A Duplex over a console or channel. libvirt cannot end one direction alone: ending what is written ends both, and what
 * the guest says afterwards is lost.
 */
export function duplexOf(open: Open, signal?: AbortSignal): Duplex {
  const carried = new CarriedStream(open);
  const duplex = new Duplex({
    allowHalfOpen: false,
    construct: (done) => carried.open(duplex, done),
    read: () => carried.read(duplex),
    write: (chunk: Buffer, _encoding, done) => carried.write(chunk, 'dense', done),
    final: (done) => carried.finish(done),
    destroy: (error, done) => carried.abort(error, done),
  });
  return signal === undefined ? duplex : addAbortSignal(signal, duplex);
}

/** The libvirt stream behind a stream of Node.js, in terms of callbacks. */
class CarriedStream {
  readonly #open: Open;
  #stream: LibvirtStream | undefined;
  #incoming: AsyncIterator<Uint8Array, void> | undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  open(node: Readable | Writable, done: Done): void {
    this.#open().then(
      (stream) => {
        this.#stream = stream;
        // While nobody reads or writes, nothing else would tell that the daemon has given the stream up.
        void stream.ended.then(() => {
          if (stream.failure !== undefined && !(node instanceof Readable)) node.destroy(stream.failure);
        });
        done();
        // Who has destroyed it knows why; that the opening was given up too is no second error.
      },
      (error: Error) => done(node.destroyed ? undefined : error),
    );
  }

  read(node: Readable): void {
    this.#incoming ??= this.#stream?.[Symbol.asyncIterator]();
    this.#incoming?.next().then(
      ({ done, value }) => node.push(done === true ? null : Buffer.from(value.buffer, value.byteOffset, value.length)),
      (error: unknown) => node.destroy(error as Error),
    );
  }

  write(chunk: Buffer, content: StreamContent, done: Done): void {
    const stream = this.#stream as LibvirtStream;
    const written = content === 'sparse' ? writeSparsely(stream, chunk) : stream.write(chunk);
    written.then(() => done(), done);
  }

  finish(done: Done): void {
    (this.#stream as LibvirtStream).finish().then(() => done(), done);
  }

  abort(error: Error | null, done: Done): void {
    if (this.#stream === undefined) return done(error);
    void this.#stream.abort().then(() => done(error));
  }
}
