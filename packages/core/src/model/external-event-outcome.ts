import type { TenantFailure } from '../driver/index.js';

/** What became of an event. */
export type ExternalEventOutcome =
  /** Whoever waits for it has it, or will find it for a minute. */
  | { readonly outcome: 'handed-on' }
  /** It has become an action, which goes on. */
  | { readonly outcome: 'accepted'; readonly actionUuid: string }
  /** The instance's record says what its network says. */
  | { readonly outcome: 'refreshed' }
  /** There is nothing to do about it: it is so already, or it tells of something that did not happen. */
  | { readonly outcome: 'ignored' }
  /** Nothing was done. Where the failure may pass, the event may be sent again. */
  | { readonly outcome: 'refused'; readonly failure: TenantFailure };
