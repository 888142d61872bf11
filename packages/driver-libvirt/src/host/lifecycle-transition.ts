import type { LifecycleTransition } from '@virtkit/core/driver';
import { DomainEventStoppedDetailType, DomainEventSuspendedDetailType, DomainEventType } from '@virtkit/libvirt-client';

/** Of a guest that has stopped: why, where that is more than that it did. A QEMU process that dies is a stop that failed. */
const stops: ReadonlyMap<number, LifecycleTransition> = new Map([
  [DomainEventStoppedDetailType.VIR_DOMAIN_EVENT_STOPPED_SAVED, 'suspended'],
  [DomainEventStoppedDetailType.VIR_DOMAIN_EVENT_STOPPED_CRASHED, 'crashed'],
  [DomainEventStoppedDetailType.VIR_DOMAIN_EVENT_STOPPED_FAILED, 'crashed'],
]);

/**
 * What a libvirt lifecycle event means to the manager; `undefined` for those that change no power state: a definition
 * that came or went, a guest that has begun to shut down.
 */
export function lifecycleTransition(event: number, detail: number): LifecycleTransition | undefined {
  switch (event) {
    case DomainEventType.VIR_DOMAIN_EVENT_STARTED:
      return 'started';
    case DomainEventType.VIR_DOMAIN_EVENT_SUSPENDED:
      return detail === DomainEventSuspendedDetailType.VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY
        ? 'postcopy-started'
        : 'paused';
    case DomainEventType.VIR_DOMAIN_EVENT_RESUMED:
      return 'resumed';
    case DomainEventType.VIR_DOMAIN_EVENT_STOPPED:
      return stops.get(detail) ?? 'stopped';
    case DomainEventType.VIR_DOMAIN_EVENT_CRASHED:
      return 'crashed';
    default:
      return undefined;
  }
}
