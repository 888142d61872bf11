import { setImmediate } from 'node:timers/promises';
import { isComputeError } from '@virtkit/core/store';

/** Parsed in about a millisecond. */
const SLICE_COUNT = 128;

/** A long list is decoded piece by piece, and others have their turn in between. Damaged records are left out. */
export async function decodeInSlices<Encoded, Value>(
  list: readonly Encoded[],
  decode: (encoded: Encoded) => Value,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const [index, encoded] of list.entries()) {
    if (index > 0 && index % SLICE_COUNT === 0) await setImmediate();
    try {
      values.push(decode(encoded));
    } catch (failure) {
      if (!isComputeError(failure, 'RECORD_DAMAGED')) throw failure;
    }
  }
  return values;
}
