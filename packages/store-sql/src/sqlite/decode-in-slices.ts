import { setImmediate } from 'node:timers/promises';

/** Parsed in about a millisecond. */
const SLICE_COUNT = 128;

/** A long list is decoded piece by piece, and others have their turn in between. */
export async function decodeInSlices<Encoded, Value>(
  list: readonly Encoded[],
  decode: (encoded: Encoded) => Value,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const encoded of list) {
    if (values.length > 0 && values.length % SLICE_COUNT === 0) await setImmediate();
    values.push(decode(encoded));
  }
  return values;
}
