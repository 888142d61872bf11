export interface CallOptions {
  /** When it is aborted the call rejects at once with a `LibvirtAbortError`, whether or not it was sent. */
  readonly signal?: AbortSignal;
  /** The longest wait for the answer, waiting in line included. Then a `LibvirtTimeoutError`. Default: no limit. */
  readonly timeoutMs?: number;
  /**
   * The domain that a call changes, where its arguments do not say so: define and create take XML only. A
   * `LibvirtClient` makes the changes of one domain one after another; a single connection takes no notice.
   */
  readonly domainUuid?: string;
}
