import type { ActionParameters } from '../model/instance-action.js';

/** Nova's `shutdown_retry_interval`. */
const RETRY_INTERVAL_MS = 10_000;

interface ShutdownRequest {
  readonly gracePeriodMs?: number | undefined;
  readonly retryIntervalMs?: number | undefined;
}

/** How a guest is asked to stop, whole: what a request leaves out is the usual. */
export function shutdownParameters(
  request: ShutdownRequest,
  shutdownTimeoutMs: number,
): { readonly gracePeriodMs: number; readonly retryIntervalMs: number } {
  const { gracePeriodMs = shutdownTimeoutMs, retryIntervalMs = RETRY_INTERVAL_MS } = request;
  return { gracePeriodMs, retryIntervalMs };
}

/** What the first release has recorded of the same: what the request says, and nothing usual. */
export function givenShutdown({ gracePeriodMs, retryIntervalMs }: ShutdownRequest): ActionParameters {
  return {
    ...(gracePeriodMs !== undefined && { gracePeriodMs }),
    ...(retryIntervalMs !== undefined && { retryIntervalMs }),
  };
}
