import { ComputeError, type Clock, type GuestInspection, type LifecycleTransition } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { NewNotification } from '../model/notification.js';
import { faultOf } from '../recorders/fault-recorder.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { StoreWrite } from '../store/store-write.js';
import type { PowerTruth } from './power-state-verdict.js';
import { serviceContext } from './service-context.js';

/** What told that a guest has changed: the driver's event of it, or the comparison of all guests. */
export type ToldBy = 'power sync' | LifecycleTransition;

export interface ChangeSeen {
  /** As its record was. */
  readonly instance: Instance;
  readonly guest: GuestInspection;
  readonly truth: PowerTruth;
  readonly told: ToldBy;
  /** `instance.power_state.…` */
  readonly notification: 'changed' | 'unexpected';
}

/**
 * What goes on record with a state that changed without an action: an event that names what told of it, a notification, and a fault when the
 * guest has died or is lost. The event is kept under the instance's uuid, since no action has one. To be committed with the state.
 */
export function changeOnRecord(
  { instance, guest, truth, told, notification }: ChangeSeen,
  { host, clock }: { readonly host: string; readonly clock: Clock },
): readonly StoreWrite[] {
  const nowMs = clock.now();
  const failure = deathOf(instance.uuid, guest, told);
  const toTenant = failure ? tenantFailureOf(failure) : null;
  const event = {
    id: newRecordUuid(),
    actionUuid: instance.uuid,
    instanceUuid: instance.uuid,
    name: told === 'power sync' ? 'compute_sync_power_state' : `compute_lifecycle_event_${told.replace('-', '_')}`,
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    result: failure ? ('Error' as const) : ('Success' as const),
    failure: toTenant,
    operator: { host, traceback: null },
  };
  const news: NewNotification = {
    id: newRecordUuid(),
    eventType: `instance.power_state.${notification}`,
    priority: failure || notification === 'unexpected' ? 'ERROR' : 'INFO',
    publisher: `compute:${host}`,
    instanceUuid: instance.uuid,
    requestId: null,
    occurredAtMs: nowMs,
    payload: { ...truth, taskState: instance.taskState, ...(toTenant && { failure: toTenant }) },
    operator: null,
  };
  const context = serviceContext(instance);
  const fault = failure && faultOf({ instance, context, failure, host, occurredAtMs: nowMs });
  return [
    { write: 'put-event', event },
    { write: 'append-notification', notification: news },
    ...(fault ? [{ write: 'put-fault', fault } as const] : []),
  ];
}

/** A guest that is off may have been told so by its user; one that has crashed or is gone has not. */
function deathOf(instanceUuid: string, { guest, powerState }: GuestInspection, told: ToldBy): ComputeError | undefined {
  if (guest === 'absent') return new ComputeError('GUEST_LOST', { instanceUuid });
  const isOff = powerState === 'SHUTDOWN' || powerState === 'CRASHED';
  const hasCrashed = powerState === 'CRASHED' || (told === 'crashed' && isOff);
  return hasCrashed ? new ComputeError('GUEST_CRASHED', { instanceUuid }) : undefined;
}
