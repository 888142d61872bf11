import { brokenBelongings } from '../support/belongings-promises.js';
import { leftOn } from '../support/left-on.js';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import type { ManagerFleet } from './manager-fleet.js';
import { perform } from './perform.js';

/** Whether whatever a recovery has left can be lived with: a hard reboot repairs it, and a delete leaves nothing of it. */
export async function wayOutProblems(fleet: ManagerFleet, story: CrashCase): Promise<readonly string[]> {
  try {
    return await taken(fleet, story);
  } catch (failure) {
    return [`the way out is barred: ${(failure as Error).message}`];
  }
}

async function taken(fleet: ManagerFleet, { wayOut }: CrashCase): Promise<readonly string[]> {
  const instances = await fleet.store.listInstances({});
  const instance = instances.find(({ uuid }) => uuid === instanceUuid);
  if (!instance) return [];
  const fake = fleet.fakeOf(instance.host ?? undefined);
  if (wayOut === 'repair') {
    const { state, failure } = await perform(fake, ({ compute }, context) =>
      compute.api.reboot(context, instanceUuid, 'HARD'),
    );
    if (state !== 'succeeded') return [`the next hard reboot does not repair the instance: ${failure?.message}`];
  }
  const { state, failure } = await perform(fake, ({ compute }, context) => compute.api.delete(context, instanceUuid));
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const { room } = fleet;
  const left = room.hosts.flatMap((host) =>
    leftOn(room.datacenter.host(host), instanceUuid).map((thing) => `deleting the instance leaves ${thing} on ${host}`),
  );
  const shelved = await room.images.listImages({ kind: 'shelved' });
  return [
    ...left,
    ...(shelved.length > 0 ? ['deleting the instance leaves the image it was shelved in'] : []),
    ...(await brokenBelongings(fake, instanceUuid)).map((problem) => `after a delete ${problem}`),
  ];
}
