import type { Clock, TenantFailure } from '../driver/index.js';
import type { ActionState, InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';
import type { Records } from '../records.js';
import type { StoreWrite } from '../store/store-write.js';

/** An operation tells of itself at most this often; more are other calls under the same request id. */
const NOTIFICATION_COUNT_MAX = 1_000;

/**
 * Finishes the record of an action whose instance it no longer holds: the operation had come to its end, and the process died
 * before that was written down. How it ended is known: the notification of it was committed together with the instance.
 */
export async function closeAction(action: InstanceAction, records: Records, clock: Clock): Promise<void> {
  const { state, failure } = await endOf(action, records);
  const finishedAtMs = clock.now();
  const events = await records.store.listEvents(action.uuid);
  const open = events.filter((event) => event.finishedAtMs === null);
  const result = state === 'succeeded' ? ('Success' as const) : ('Error' as const);
  await records.commit([
    ...open.map((event): StoreWrite => ({ write: 'put-event', event: { ...event, finishedAtMs, result, failure } })),
    { write: 'put-action', action: { ...action, state, failure, finishedAtMs } },
  ]);
}

interface End {
  readonly state: ActionState;
  readonly failure: TenantFailure | null;
}

async function endOf(action: InstanceAction, { store }: Records): Promise<End> {
  const { instanceUuid, requestId, acceptedAtMs } = action;
  const query = { afterSequence: 0, instanceUuid, requestId, countMax: NOTIFICATION_COUNT_MAX };
  const stem = `instance.${operations[action.operation].notification}`;
  const last = (await store.listNotifications(query)).findLast(
    ({ eventType, occurredAtMs }) =>
      occurredAtMs >= acceptedAtMs && (eventType === `${stem}.end` || eventType === `${stem}.error`),
  );
  if (last?.eventType === `${stem}.end`) return { state: 'succeeded', failure: null };
  const fault = (await store.listFaults(instanceUuid)).find(({ actionUuid }) => actionUuid === action.uuid);
  const failure = last?.payload.failure ?? (fault ? { code: fault.code, message: fault.message } : null);
  // Neither an end nor a failure: it was overtaken, and had no time to say so.
  return failure ? { state: 'failed', failure } : { state: 'cancelled', failure: null };
}
