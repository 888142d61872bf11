import type { Clock } from '../driver/index.js';
import { ComputeError } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';

/**
 * Ends the record of an action that holds its instance no more: the end of an action and of its hold are written together, so it was
 * overtaken, and its process died before it could say so.
 */
export async function closeOvertaken(action: InstanceAction, records: Records, clock: Clock): Promise<void> {
  const finishedAtMs = clock.now();
  const failure = tenantFailureOf(new ComputeError('INTERRUPTED', { operation: operations[action.operation].verb }));
  const events = await records.store.listEvents(action.uuid);
  const open = events.filter((event) => event.finishedAtMs === null);
  await records.commit([
    ...open.map((event): StoreWrite => ({
      write: 'put-event',
      event: { ...event, finishedAtMs, result: 'Error', failure },
    })),
    {
      write: 'update-action',
      uuid: action.uuid,
      patch: { state: 'cancelled', failure, finishedAtMs },
      guard: { state: [action.state], epoch: action.epoch },
    },
  ]);
}
