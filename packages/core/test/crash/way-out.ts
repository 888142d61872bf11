import { brokenBelongings } from '../support/belongings-promises.js';
import { instanceUuid } from '../support/stories/story.js';
import type { CrashCase } from './crash-case.js';
import { perform } from './perform.js';
import type { ManagerProcess } from './manager-process.js';

/** Whether whatever a recovery has left can be lived with: a hard reboot repairs it, and a delete leaves nothing of it. */
export async function wayOutProblems(manager: ManagerProcess, story: CrashCase): Promise<readonly string[]> {
  try {
    return await taken(manager, story);
  } catch (failure) {
    return [`the way out is barred: ${(failure as Error).message}`];
  }
}

async function taken(manager: ManagerProcess, { wayOut }: CrashCase): Promise<readonly string[]> {
  manager.unwatch();
  const instances = await manager.fakeOf().store.listInstances({});
  const instance = instances.find(({ uuid }) => uuid === instanceUuid);
  if (!instance) return [];
  const host = instance.host ?? undefined;
  const fake = manager.fakeOf(host);
  if (wayOut === 'repair') {
    const { state, failure } = await perform(fake, ({ compute }, context) =>
      compute.api.reboot(context, instanceUuid, 'HARD'),
    );
    if (state !== 'succeeded') return [`the next hard reboot does not repair the instance: ${failure?.message}`];
  }
  const { state, failure } = await perform(fake, ({ compute }, context) => compute.api.delete(context, instanceUuid));
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const { room } = manager;
  const isGone = room.hosts.every((each) => {
    const { guest, disks, vifs, savedMemory, kept, arrived } = room.datacenter.host(each).look(instanceUuid);
    return !guest && disks.length + vifs.length === 0 && savedMemory === 'absent' && !kept && !arrived;
  });
  return [
    ...(isGone ? [] : ['deleting the instance leaves something of it behind']),
    ...(await brokenBelongings(fake, instanceUuid)).map((problem) => `after a delete ${problem}`),
  ];
}
