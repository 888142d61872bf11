/** Nova's `shutdown_retry_interval`. */
const RETRY_INTERVAL_MS = 10_000;

/** How a guest is asked to stop, whole: what a request leaves out is the usual. */
export function shutdownParameters(
  request: { readonly gracePeriodMs?: number | undefined; readonly retryIntervalMs?: number | undefined },
  shutdownTimeoutMs: number,
): { readonly gracePeriodMs: number; readonly retryIntervalMs: number } {
  const { gracePeriodMs = shutdownTimeoutMs, retryIntervalMs = RETRY_INTERVAL_MS } = request;
  return { gracePeriodMs, retryIntervalMs };
}
