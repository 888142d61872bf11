import type { CallOptions } from '../driver/index.js';

/**
 * Options as the guard of a provider knows them from other objects: by their signal. Without one, a signal that is never aborted: what is
 * undone or given back must not be cancelled with what failed; the guard's own deadline bounds it.
 */
export function providerOptions({ signal = new AbortController().signal }: CallOptions = {}): Required<CallOptions> {
  return { signal };
}
