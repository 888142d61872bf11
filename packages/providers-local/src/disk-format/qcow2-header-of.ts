import { open } from 'node:fs/promises';
import { isMissing } from '../directory/is-missing.js';
import { isQcow2, QCOW2_HEAD_BYTES_MAX, Qcow2Damage, type Qcow2Header, readQcow2Header } from './qcow2-header.js';

/** The head of a qcow2 file; `undefined` for a file that is none, is damaged, or is not there. */
export async function qcow2HeaderOf(path: string): Promise<Qcow2Header | undefined> {
  const head = await qcow2HeadOf(path);
  return head === 'damaged' ? undefined : head;
}

/** The same, which tells a damaged one from a file that is none. */
export async function qcow2HeadOf(path: string): Promise<Qcow2Header | 'damaged' | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, QCOW2_HEAD_BYTES_MAX)), 0, null, 0);
      const head = buffer.subarray(0, bytesRead);
      return isQcow2(head) ? readQcow2Header(head, size) : undefined;
    } finally {
      await file.close();
    }
  } catch (failure) {
    if (failure instanceof Qcow2Damage) return 'damaged';
    if (isMissing(failure)) return undefined;
    throw failure;
  }
}
