import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ComputeError } from '@virtkit/core/providers';

/** Only this process's user, until libvirt hands the file to QEMU's. */
const FILE_MODE = 0o600;

/** Runs of zero bytes of this length become holes: the block of most file systems, times 16. */
const HOLE_BYTES = 64 * 1024;
const zeros = Buffer.alloc(HOLE_BYTES);

export interface CopiedFile {
  readonly sizeBytes: number;
  /** In hex, of what was written. */
  readonly sha256: string;
}

/**
 * Writes a stream to a new file, with holes where it is zero, and reads its checksum on the way. When it is answered it is on disk. On failure
 * the part that was written stays. `'too large'`: the stream has more than `bytesMax`, and the rest of it was not read.
 */
export async function copyIn(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal | undefined },
): Promise<CopiedFile | 'too large'> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', FILE_MODE);
  try {
    let sizeBytes = 0;
    for await (const chunk of untilAborted(stream, signal)) {
      requireBytes(chunk);
      if (sizeBytes + chunk.length > bytesMax) return 'too large';
      hash.update(chunk);
      for (let at = 0; at < chunk.length; at += HOLE_BYTES) {
        const part = chunk.subarray(at, at + HOLE_BYTES);
        if (!zeros.subarray(0, part.length).equals(part)) await writeAll(file, part, sizeBytes + at);
      }
      sizeBytes += chunk.length;
    }
    await file.truncate(sizeBytes);
    await file.sync();
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

function requireBytes(chunk: unknown): asserts chunk is Uint8Array {
  if (chunk instanceof Uint8Array) return;
  const accepted = 'a stream of Uint8Array';
  throw new ComputeError('INVALID_INPUT', { field: 'stream', value: `a stream of ${kindOf(chunk)}`, accepted });
}

function kindOf(chunk: unknown): string {
  return chunk === null ? 'null' : typeof chunk === 'object' ? 'other objects' : `${typeof chunk}s`;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** The same stream, which also ends when its source does not answer any more and the caller has given up. */
async function* untilAborted<Item>(
  stream: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, void> {
  const iterator = stream[Symbol.asyncIterator]();
  let isFinished = false;
  try {
    while (true) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) {
        isFinished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // A source that hangs does not end either: it is told, and not waited for.
    if (!isFinished) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}
