import { brokenBelongings } from '../support/belongings-promises.js';
import { instanceUuid, type Story } from '../support/stories/story.js';
import { perform } from './crash-trial.js';
import type { ManagerProcess } from './manager-process.js';

/** Whether whatever a recovery has left can be lived with: a hard reboot repairs it, and a delete leaves nothing of it. */
export async function wayOutProblems(manager: ManagerProcess, story: Story): Promise<readonly string[]> {
  try {
    return await taken(manager, story);
  } catch (failure) {
    return [`the way out is barred: ${(failure as Error).message}`];
  }
}

async function taken(manager: ManagerProcess, { wayOut }: Story): Promise<readonly string[]> {
  manager.unwatch();
  const { fake } = manager;
  const instances = await fake.store.listInstances({});
  if (!instances.some(({ uuid }) => uuid === instanceUuid)) return [];
  if (wayOut === 'repair') {
    const { state, failure } = await perform(manager, ({ compute }, context) =>
      compute.api.reboot(context, instanceUuid, 'HARD'),
    );
    if (state !== 'succeeded') return [`the next hard reboot does not repair the instance: ${failure?.message}`];
  }
  const { state, failure } = await perform(manager, ({ compute }, context) =>
    compute.api.delete(context, instanceUuid),
  );
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const { guest, disks, vifs, savedMemory } = fake.hypervisor.look(instanceUuid);
  const isGone = !guest && disks.length === 0 && vifs.length === 0 && savedMemory === 'absent';
  return [
    ...(isGone ? [] : ['deleting the instance leaves something of it behind']),
    ...(await brokenBelongings(fake, instanceUuid)).map((problem) => `after a delete ${problem}`),
  ];
}
