import { operations, type InstanceAction } from '@virtkit/core';
import { claiming, type Claim } from '../support/promises.js';
import { checkAcknowledged } from './acknowledged-promises.js';
import type { CrashCase } from './crash-case.js';
import type { Witness } from './crash-watch.js';
import { checkGuest } from './guest-promises.js';
import type { ManagerFleet } from './manager-fleet.js';
import { precious, type Precious } from './precious.js';
import { checkProviders } from './provider-promises.js';

export interface Recovered {
  readonly fleet: ManagerFleet;
  readonly story: CrashCase;
  readonly instanceUuid: string;
  /** Of what somebody had been told that it is so. */
  readonly witness: Witness;
  /** What there was before the operation that nobody may have touched since. */
  readonly before: Precious;
  /** The operation, when its request was accepted. */
  readonly action: InstanceAction | undefined;
}

/** What managers that have recovered from the death of others have broken, a sentence each. */
export async function brokenAfterCrash(recovered: Recovered): Promise<readonly string[]> {
  const broken: string[] = [];
  const claim = claiming(broken);
  await checkAcknowledged(recovered, claim);
  await checkNothingIsOpen(recovered, claim);
  await checkAction(recovered, claim);
  if (recovered.story.guest === 'on one host') await checkGuest(recovered, claim);
  await checkProviders(recovered, claim);
  checkNothingIsLost(recovered, claim);
  return broken;
}

async function checkNothingIsOpen({ fleet, instanceUuid }: Recovered, claim: Claim): Promise<void> {
  const { store, room } = fleet;
  const busy = await store.listInstances({ taskState: 'set' });
  for (const { taskState } of busy) claim(false, `the task state is left at ${taskState}`);
  for (const host of room.hosts) {
    claim((await store.listUnfinishedActions(host)).length === 0, 'an action is not finished');
  }
  for (const { uuid, operation } of await store.listActions(instanceUuid)) {
    const open = (await store.listEvents(uuid)).filter(({ finishedAtMs }) => finishedAtMs === null);
    claim(open.length === 0, `an event of ${operation} is left open`);
  }
}

async function checkAction({ fleet, story, instanceUuid, action }: Recovered, claim: Claim): Promise<void> {
  if (!action) return;
  const { store } = fleet;
  const { recovery } = operations[action.operation];
  const { state, failure } = action;
  const mayBeGivenUp = recovery === 'give-up' || recovery === 'settle-move' || failure?.code === 'INTERRUPTED';
  // Whoever lives can do nothing at a host whose manager is dead.
  const isOutOfReach = failure?.code === 'DESTINATION_UNAVAILABLE' || failure?.code === 'OUTCOME_UNKNOWN';
  const mayFail = mayBeGivenUp || (story.hosts.length > 1 && isOutOfReach);
  claim(state === 'succeeded' || mayFail, `it ended as ${state}: ${failure?.message}`);

  const faults = (await store.listFaults(instanceUuid)).filter(({ actionUuid }) => actionUuid === action.uuid);
  claim(faults.length === (state === 'succeeded' ? 0 : 1), `${faults.length} faults tell of an action that ${state}`);
  claim(
    faults.every(({ code }) => code === failure?.code),
    `the fault says ${faults[0]?.code}, the action ${failure?.code}`,
  );

  const query = { afterSequence: 0, requestId: action.requestId, countMax: 1_000 };
  const told = (await store.listNotifications(query)).filter(({ instanceUuid: uuid }) => uuid === instanceUuid);
  const ends = told.filter(({ eventType }) => /^instance\..*\.(end|error)$/.test(eventType));
  claim(ends.length === 1, `${ends.length} terminal notifications tell of its end`);
  const wanted = state === 'succeeded' ? '.end' : '.error';
  claim(
    ends.every(({ eventType }) => eventType.endsWith(wanted)),
    `${ends[0]?.eventType} tells of an action that ${state}`,
  );
}

function checkNothingIsLost({ fleet, story, instanceUuid, before, action }: Recovered, claim: Claim): void {
  const now = precious(fleet.room, instanceUuid);
  if (story.rootDisk === 'stays' || !action)
    claim(before.disk === 'none' || now.disk === 'precious', 'what was on the root disk is lost');
  const lostVolumes = before.volumes.filter((id) => !now.volumes.includes(id));
  claim(lostVolumes.length === 0, `what was on the volumes ${lostVolumes.join()} is lost`);
  claim(now.bystander === before.bystander, `another instance was ${before.bystander} and is ${now.bystander}`);
  const lost = before.images.filter((id) => !now.images.includes(id));
  claim(lost.length === 0 || action?.operation === 'unshelve', `the images ${lost.join()} are lost`);
}
