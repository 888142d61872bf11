import type { Clock } from '../driver/index.js';
import type { InstanceAction } from '../model/instance-action.js';
import { operations } from '../model/operation-table.js';
import { contextOfAction } from '../model/request-context.js';
import { endOfAction, type Outcome } from '../recorders/end-of-action.js';
import type { Records } from '../records/records.js';

export interface EndPreemptedDeps {
  readonly host: string;
  readonly records: Records;
  readonly clock: Clock;
  /** Where the action's host is another that is dead: its last session. `null`: it never had one. */
  readonly deadHost?: { readonly host: string; readonly epoch: number | null };
}

/** Ends an action that does not hold its instance any more. The instance is left alone: another action holds it, or none does. */
export async function endPreemptedAction(
  action: InstanceAction,
  outcome: Outcome,
  { host, records, clock, deadHost }: EndPreemptedDeps,
): Promise<void> {
  const events = await records.store.listEvents(action.uuid);
  const end = endOfAction({
    operation: operations[action.operation],
    action,
    context: contextOfAction(action),
    outcome,
    instance: await records.store.getInstance(action.instanceUuid),
    openEvents: events.filter((event) => event.finishedAtMs === null),
    host,
    nowMs: clock.now(),
  });
  await records.commit([...(deadHost ? [{ write: 'require-no-session', ...deadHost } as const] : []), ...end.writes]);
}
