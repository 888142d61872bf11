import type { LibvirtStream } from './libvirt-stream.js';

/** Runs of zeros are looked for in blocks of this size: shorter ones cost less than a hole. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Writes bytes into a sparse stream, blocks of zeros as holes. */
export async function writeSparsely(stream: LibvirtStream, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length;) {
    const isHole = isZeroBlock(bytes, start);
    let end = start;
    do end = Math.min(end + BLOCK_BYTES, bytes.length);
    while (end < bytes.length && isZeroBlock(bytes, end) === isHole);
    if (isHole) await stream.writeHole(BigInt(end - start));
    else await stream.write(bytes.subarray(start, end));
    start = end;
  }
}

function isZeroBlock(bytes: Buffer, start: number): boolean {
  const end = Math.min(start + BLOCK_BYTES, bytes.length);
  return bytes.compare(ZEROS, 0, end - start, start, end) === 0;
}
