import { isFinished } from '@virtkit/core/store';
import type { Claim } from './claim.js';
import type { Happened } from './happened.js';
import { instanceIfKnown } from './instance-if-known.js';

/** Nothing is being done to the instance, and nothing that was done to it is left open. */
export async function nothingOpen({ store, instanceUuid }: Happened, claim: Claim): Promise<void> {
  const instance = await instanceIfKnown(store, instanceUuid);
  claim((instance?.taskState ?? null) === null, `the task state is left at ${instance?.taskState}`);
  claim((instance?.taskOwner ?? null) === null, `the task state is left with ${instance?.taskOwner}`);
  for (const action of await store.listActions(instanceUuid)) {
    const { operation, state, finishedAtMs } = action;
    claim(isFinished(action) && finishedAtMs !== null, `the action ${operation} is left ${state}`);
  }
}
