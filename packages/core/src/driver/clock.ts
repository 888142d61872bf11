import type { CallOptions } from './call-options.js';

/** Time, handed in, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch, for records. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start, for durations. Never goes back. */
  monotonicMs(): number;
  /** Calls `due` once after `durationMs`, unless the returned function is called before. Cheaper than a sleep that is aborted. */
  after(durationMs: number, due: () => void): () => void;
  /** Resolves after `durationMs`. Rejects at once with the reason of an aborted signal. */
  sleep(durationMs: number, options?: CallOptions): Promise<void>;
}
