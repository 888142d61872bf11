import type { CallOptions } from './call-options.js';

/** Names that other services use to tell of an instance's belongings. Nova's external instance events. */
export type ExternalEventName =
  | 'network-changed'
  | 'network-vif-plugged'
  | 'network-vif-unplugged'
  | 'network-vif-deleted'
  | 'volume-extended'
  | 'volume-reimaged'
  | 'power-update'
  | 'accelerator-request-bound';

export interface ExternalEventKey {
  readonly name: ExternalEventName;
  /** Which of the instance's belongings: a port's uuid, a volume's uuid. */
  readonly tag: string;
}

export interface ExternalEvent extends ExternalEventKey {
  readonly instanceUuid: string;
  readonly status: 'completed' | 'failed' | 'in-progress';
}

/** What a driver asks before it does something that others will tell of. */
export interface ExternalEventInbox {
  /**
   * Starts to listen now, so that an event between this call and {@link ExpectedEvents.arrive} is not lost. Whoever expects
   * must dispose.
   */
  expect(instanceUuid: string, keys: readonly ExternalEventKey[]): ExpectedEvents;
}

export interface ExpectedEvents extends Disposable {
  /**
   * Resolves with all of them, in the order they were asked for, once each has come with a status other than `in-progress`;
   * with `'timeout'` when `timeoutMs` is over. One deadline for all.
   */
  arrive(timeoutMs: number, options?: CallOptions): Promise<readonly ExternalEvent[] | 'timeout'>;
}
