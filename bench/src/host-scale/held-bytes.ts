import { getHeapStatistics } from 'node:v8';

/** How many bytes of heap are in use when everything that nobody holds is collected. */
export async function heldBytes(): Promise<number> {
  const collect = globalThis.gc;
  if (!collect) throw new Error('memory can only be measured with node --expose-gc');
  // What a collection lets go may hold more by a finalizer.
  for (let nth = 0; nth < 2; nth++) await collect({ execution: 'async', type: 'major' });
  return getHeapStatistics().used_heap_size;
}
