import { getHeapStatistics } from 'node:v8';
import { spreadOf } from './spread.js';

/**
 * How many bytes of heap `work` allocates: the median growth over many single runs, each on a freshly collected heap. Work
 * that allocates so much that it is collected meanwhile looks cheaper than it is; keep it below a megabyte.
 */
export async function allocatedBytes(work: () => Promise<void>, { runs }: { readonly runs: number }): Promise<number> {
  const collect = globalThis.gc;
  if (!collect) throw new Error('allocations can only be measured with node --expose-gc');
  const growths: number[] = [];
  for (let nth = 0; nth < runs; nth++) {
    await collect({ execution: 'async', type: 'major' });
    const before = getHeapStatistics().used_heap_size;
    await work();
    growths.push(getHeapStatistics().used_heap_size - before);
  }
  return spreadOf(growths).median;
}
