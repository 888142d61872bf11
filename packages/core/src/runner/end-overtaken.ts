import { ComputeError, type Clock } from '../driver/index.js';
import { operations } from '../model/operation-table.js';
import { taskOwnerOf, type RequestContext } from '../model/request-context.js';
import { tenantFailureOf } from '../recorders/tenant-failure.js';
import type { Records } from '../records/records.js';
import type { StoreWrite } from '../store/store-write.js';

/**
 * Ends the records of actions that were overtaken and do not settle: nobody knows what they still do. Should one of their workers come
 * back, the store refuses what it writes.
 */
export async function endOvertaken(
  instanceUuid: string,
  overtaker: RequestContext,
  records: Records,
  clock: Clock,
): Promise<void> {
  const running = (await records.store.listActions(instanceUuid)).filter(
    ({ uuid, state }) => state === 'running' && uuid !== taskOwnerOf(overtaker),
  );
  for (const { uuid, operation, epoch } of running) {
    const failure = tenantFailureOf(new ComputeError('OUTCOME_UNKNOWN', { operation: operations[operation].verb }));
    const finishedAtMs = clock.now();
    const open = (await records.store.listEvents(uuid)).filter((event) => event.finishedAtMs === null);
    await records.commit([
      {
        write: 'update-action',
        uuid,
        patch: { state: 'unknown', failure, finishedAtMs },
        guard: { state: ['running'], epoch },
      },
      ...open.map((event): StoreWrite => ({
        write: 'put-event',
        event: { ...event, finishedAtMs, result: 'Error', failure },
      })),
    ]);
  }
}
