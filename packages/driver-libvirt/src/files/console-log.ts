import { open, type FileHandle } from 'node:fs/promises';
import { isMissing } from './is-missing.js';

/** virtlogd's default: when the log is full it becomes `.0`, that becomes `.1`, and so on. */
const ROTATED_COUNT_MAX = 3;

/** The end of a console log, at most `lengthBytesMax` bytes, over as many rotated files as that takes. */
export async function readConsoleLog(path: string, lengthBytesMax: number): Promise<Uint8Array> {
  const paths = [path, ...Array.from({ length: ROTATED_COUNT_MAX }, (_, age) => `${path}.${age}`)];
  const newestFirst: Uint8Array[] = [];
  let missingBytes = lengthBytesMax;
  for (const each of paths) {
    if (missingBytes <= 0) break;
    const part = await readEnd(each, missingBytes);
    newestFirst.push(part);
    missingBytes -= part.length;
  }
  return Buffer.concat(newestFirst.reverse());
}

async function readEnd(path: string, lengthBytesMax: number): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (failure) {
    if (isMissing(failure)) return new Uint8Array();
    throw failure;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, lengthBytesMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
