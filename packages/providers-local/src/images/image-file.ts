import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Bytes read at once. Larger ones are not faster. */
const CHUNK_BYTES = 1024 ** 2;

/** The files an image may have, by their names in its folder. */
export const imageFiles = ['disk', 'kernel', 'ramdisk'] as const;
export type ImageFile = (typeof imageFiles)[number];

/** All of a file, chunk by chunk. A chunk is only good until the next one is asked for. */
export async function* chunksOf(file: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The SHA-256 of a file, in hex. */
export async function checksumOf(file: FileHandle, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(file, signal)) hash.update(chunk);
  return hash.digest('hex');
}
