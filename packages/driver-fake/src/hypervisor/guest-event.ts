import type { LifecycleTransition } from '@virtkit/core/driver';
import type { GuestMaker } from './guest-view.js';

/** What the hypervisor tells every open connection. */
export interface GuestEvent {
  readonly uuid: string;
  readonly maker: GuestMaker;
  readonly transition: LifecycleTransition;
  readonly occurredAtMs: number;
}
