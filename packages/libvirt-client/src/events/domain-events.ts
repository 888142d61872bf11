import { DomainEventID } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

/** Every kind of domain event: the number under which it is registered, and the message that then brings it. */
export const domainEvents = {
  lifecycle: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_LIFECYCLE, message: remote.domainEventCallbackLifecycle },
  reboot: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_REBOOT, message: remote.domainEventCallbackReboot },
  rtcChange: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_RTC_CHANGE, message: remote.domainEventCallbackRtcChange },
  watchdog: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_WATCHDOG, message: remote.domainEventCallbackWatchdog },
  ioError: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_IO_ERROR, message: remote.domainEventCallbackIoError },
  graphics: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_GRAPHICS, message: remote.domainEventCallbackGraphics },
  ioErrorReason: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
    message: remote.domainEventCallbackIoErrorReason,
  },
  controlError: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_CONTROL_ERROR,
    message: remote.domainEventCallbackControlError,
  },
  blockJob: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_BLOCK_JOB, message: remote.domainEventCallbackBlockJob },
  diskChange: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_DISK_CHANGE, message: remote.domainEventCallbackDiskChange },
  trayChange: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, message: remote.domainEventCallbackTrayChange },
  pmWakeup: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_PMWAKEUP, message: remote.domainEventCallbackPmwakeup },
  pmSuspend: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_PMSUSPEND, message: remote.domainEventCallbackPmsuspend },
  balloonChange: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
    message: remote.domainEventCallbackBalloonChange,
  },
  pmSuspendDisk: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK,
    message: remote.domainEventCallbackPmsuspendDisk,
  },
  deviceRemoved: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    message: remote.domainEventCallbackDeviceRemoved,
  },
  blockJob2: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, message: remote.domainEventBlockJob2 },
  tunable: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_TUNABLE, message: remote.domainEventCallbackTunable },
  agentLifecycle: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
    message: remote.domainEventCallbackAgentLifecycle,
  },
  deviceAdded: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, message: remote.domainEventCallbackDeviceAdded },
  migrationIteration: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
    message: remote.domainEventCallbackMigrationIteration,
  },
  jobCompleted: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
    message: remote.domainEventCallbackJobCompleted,
  },
  deviceRemovalFailed: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
    message: remote.domainEventCallbackDeviceRemovalFailed,
  },
  metadataChange: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
    message: remote.domainEventCallbackMetadataChange,
  },
  blockThreshold: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD,
    message: remote.domainEventBlockThreshold,
  },
  memoryFailure: { id: DomainEventID.VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE, message: remote.domainEventMemoryFailure },
  memoryDeviceSizeChange: {
    id: DomainEventID.VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE,
    message: remote.domainEventMemoryDeviceSizeChange,
  },
  // Newer than the enumeration this table is made from.
  nicMacChange: { id: 27, message: remote.domainEventNicMacChange },
} as const;

export type DomainEventName = keyof typeof domainEvents;

/** What an event tells: always `dom`, and whatever belongs to its kind. */
export type DomainEvent<Name extends DomainEventName> = EventOf<(typeof domainEvents)[Name]['message']>;

/** The events of one kind, of one domain or of all. */
export function domainEvent(name: DomainEventName, domain: RemoteDomain | null): EventSource {
  const { id, message } = domainEvents[name];
  const { connectDomainEventCallbackRegisterAny, connectDomainEventCallbackDeregisterAny } = remote;
  return {
    key: `domain ${name} ${domain?.uuid ?? 'of all'}`,
    message,
    register: (caller) => caller.call(connectDomainEventCallbackRegisterAny, { eventID: id, dom: domain }),
    deregister: (caller, callbackID) => caller.call(connectDomainEventCallbackDeregisterAny, { callbackID }),
  };
}
