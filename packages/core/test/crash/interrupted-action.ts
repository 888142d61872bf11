import type { InstanceAction } from '@virtkit/core';
import type { Witness } from './crash-watch.js';
import type { ManagerFleet } from './manager-fleet.js';

/** The action of the operation that was cut off, if the store had accepted it. */
export async function interruptedAction(
  { store }: ManagerFleet,
  { acknowledged }: Witness,
): Promise<InstanceAction | undefined> {
  const writes = acknowledged.flatMap((unit) => unit.writes);
  const created = writes.find((write) => write.write === 'create-action');
  return created && (await store.getAction(created.action.uuid));
}
