import { operations, type InstanceAction } from '@virtkit/core';
import type { Claim } from '../support/promises/claim.js';
import { brokenOf } from '../support/promises/promise-list.js';
import { instanceIfKnown } from '../support/promises/instance-if-known.js';
import { checkAcknowledged } from './acknowledged-promises.js';
import type { CrashCase } from './crash-case.js';
import type { Witness } from './crash-watch.js';
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
  const { fleet, story, instanceUuid, action } = recovered;
  const { store, logLines, room } = fleet;
  const instance = await instanceIfKnown(store, instanceUuid);
  const { hypervisor } = fleet.fakeOf(instance?.host ?? undefined);
  const elsewhere = story.guest === 'looked at elsewhere';
  return await brokenOf(
    {
      ...{ store, instanceUuid, logLines, hypervisor },
      actionUuid: action?.uuid,
      planted: 'nothing',
      lostWrites: 'none',
      providers: room,
      death: { check: (claim) => checkDeath(recovered, claim) },
    },
    {
      ...(elsewhere && { 'the record says what the guest is': 'the case looks at every host of a move' }),
      'the instance is in one place': 'the case looks at every host of a move',
    },
  );
}

async function checkDeath(recovered: Recovered, claim: Claim): Promise<void> {
  await checkAcknowledged(recovered, claim);
  await checkOtherInstances(recovered, claim);
  checkEnd(recovered, claim);
  await checkProviders(recovered, claim);
  checkNothingIsLost(recovered, claim);
  const { capture } = recovered.fleet.fakeOf().hypervisor.look(recovered.instanceUuid);
  claim(recovered.story.guest !== 'on one host' || capture === undefined, 'a capture of the disk is left behind');
}

async function checkOtherInstances({ fleet }: Recovered, claim: Claim): Promise<void> {
  const { store, room } = fleet;
  const busy = await store.listInstances({ taskState: 'set' });
  for (const { taskState } of busy) claim(false, `the task state is left at ${taskState}`);
  for (const host of room.hosts) {
    claim((await store.listUnfinishedActions(host)).length === 0, 'an action is not finished');
  }
}

function checkEnd({ fleet, story, action }: Recovered, claim: Claim): void {
  if (!action) return;
  const { recovery } = operations[action.operation];
  const { state, failure } = action;
  const mayBeGivenUp = recovery === 'give-up' || recovery === 'settle-move' || failure?.code === 'INTERRUPTED';
  // Whoever lives can do nothing at a host whose manager is dead.
  const isOutOfReach = failure?.code === 'DESTINATION_UNAVAILABLE' || failure?.code === 'OUTCOME_UNKNOWN';
  const mayFail = mayBeGivenUp || (story.hosts.length > 1 && isOutOfReach);
  claim(state === 'succeeded' || mayFail, `it ended as ${state}: ${failure?.message}`);
  const { guest } = fleet.fakeOf(action.host).hypervisor.look(action.instanceUuid);
  const isItsOwn = guest?.state === 'running' && guest.definition.generation === action.uuid;
  claim(failure?.code !== 'INTERRUPTED' || !isItsOwn, 'what was to spawn a guest ended as failed, and that guest runs');
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
