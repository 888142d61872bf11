/** How a call goes, taken last by every call that may take time: nothing of what is asked for. */
export interface CallOptions {
  /**
   * Aborts the call. The callee stops as soon as it can do so safely, undoes what its doc says it undoes, and rejects
   * with `ABORTED` or with the ComputeError it was ending with. An aborted call still settles.
   */
  readonly signal?: AbortSignal;
}
