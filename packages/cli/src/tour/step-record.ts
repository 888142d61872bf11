import type {
  AcceptedAction,
  Compute,
  GuestInspection,
  Instance,
  TenantAction,
  InstanceActionEvent,
  InstanceFault,
  Notification,
} from '@virtkit/core';
import type { Fact } from '../screen/facts.js';
import { operator } from './audience.js';
import { unlessAborted } from './unless-aborted.js';

/** Everything that one request has left in the records, and what the hypervisor says after it. */
export interface StepRecord {
  readonly action: TenantAction;
  readonly events: readonly InstanceActionEvent[];
  readonly faults: readonly InstanceFault[];
  readonly notifications: readonly Notification[];
  readonly instance: Instance;
  readonly guest: GuestInspection;
}

/** One request causes a handful. */
const NOTIFICATIONS_COUNT_MAX = 100;

/** Waits until the accepted action has finished, and reads what there is of it. */
export async function recordOf(
  { operator: desk }: Compute,
  accepted: AcceptedAction,
  signal: AbortSignal,
): Promise<StepRecord> {
  const action = await unlessAborted(accepted.finished, signal);
  const { uuid, instanceUuid, requestId } = action;
  const query = { afterSequence: 0, countMax: NOTIFICATIONS_COUNT_MAX, instanceUuid };
  const faults = await desk.listFaults(operator(), instanceUuid, { signal });
  const notifications = await desk.listNotifications(operator(), query, { signal });
  return {
    action,
    events: await desk.listEvents(operator(), uuid, { signal }),
    faults: faults.filter((fault) => fault.actionUuid === uuid),
    notifications: notifications.filter((notification) => notification.requestId === requestId),
    instance: await desk.getInstance(operator(), instanceUuid, { signal }),
    guest: await desk.inspect(operator(), instanceUuid, { signal }),
  };
}

/** The record as the screen shows it. */
export function factsOf({ action, events, notifications, instance }: StepRecord): readonly Fact[] {
  const { acceptedAtMs, finishedAtMs, state } = action;
  const took = `after ${(finishedAtMs ?? acceptedAtMs) - acceptedAtMs} ms`;
  return [
    { label: 'Action', text: `${action.name}: ${state} ${took}`, tone: state === 'succeeded' ? 'good' : 'bad' },
    { label: 'Events', text: events.map(({ name, result }) => `${name}: ${result ?? 'open'}`).join(', ') },
    { label: 'Notifications', text: notifications.map(({ eventType }) => eventType).join(', ') },
    { label: 'States', text: statesOf(instance) },
  ];
}

/** The three states: where the instance stands, what is being done to it, what the hypervisor says of its guest. */
export function statesOf({ vmState, taskState, powerState }: Pick<Instance, 'vmState' | 'taskState' | 'powerState'>) {
  return `vm ${vmState} · task ${taskState ?? 'none'} · power ${powerState}`;
}
