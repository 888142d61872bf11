import type { StoreBench } from './store-bench.js';
import type { StoreTroubleName } from './store-under-test.js';

/** One sentence of the store's contract, and its proof. */
export interface StoreRule {
  /** The sentence. Unique: others filter by it. */
  readonly name: string;
  /** What the proof does to the store. */
  readonly troubles?: readonly StoreTroubleName[];
  readonly prove: (bench: StoreBench) => Promise<void>;
}
