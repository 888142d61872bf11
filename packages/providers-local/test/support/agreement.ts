import type { LocalWorld } from './local-world.js';

/** Where the records, the providers and the guests of some instances disagree, a sentence each. Empty is good. */
export async function disagreements(world: LocalWorld, instanceUuids: readonly string[]): Promise<readonly string[]> {
  const { store, hypervisor, volumes, networks, images } = world;
  const broken: string[] = [];
  const same = (what: string, found: readonly string[], wanted: readonly string[]): void => {
    const [one, other] = [[...found].sort().join(), [...wanted].sort().join()];
    if (one !== other) broken.push(`${what}: ${one || 'none'}; the record: ${other || 'none'}`);
  };
  const held = await volumes.listVolumes();
  const shelvedIn: string[] = [];
  const actions = [];
  for (const uuid of instanceUuids) {
    const instance = await store.getInstance(uuid);
    const {
      vmState,
      taskState,
      blockDevices,
      networkInterfaces,
      pendingRelease = [],
      shelvedImageId,
      buildUuid,
    } = instance;
    const isGone = vmState === 'deleted';
    // The record of a deleted instance says what it had.
    const recordedVolumes = isGone ? [] : blockDevices.map(({ id }) => id);
    const recordedInterfaces = isGone ? [] : networkInterfaces.map(({ id }) => id);
    if (taskState !== null) broken.push(`the instance is left ${taskState}`);
    if (pendingRelease.length > 0) broken.push(`not given back: ${JSON.stringify(pendingRelease)}`);
    if (shelvedImageId !== null) shelvedIn.push(shelvedImageId);
    const holdings = held.filter(({ attachment }) => attachment?.instanceUuid === uuid).map(({ id }) => id);
    same('the volume provider', holdings, recordedVolumes);
    const interfaces = await networks.interfacesOf({
      instanceUuid: uuid,
      ...(buildUuid !== undefined && { buildUuid }),
    });
    same(
      'the network provider',
      interfaces.map(({ id }) => id),
      recordedInterfaces,
    );
    const { guest, devices } = hypervisor.look(uuid);
    if (isGone && guest) broken.push('a deleted instance has a guest');
    if (devices) {
      same(
        'the volumes of the guest',
        devices.blockDevices.map(({ id }) => id),
        recordedVolumes,
      );
      same(
        'the interfaces of the guest',
        devices.interfaces.map(({ id }) => id),
        recordedInterfaces,
      );
    }
    for (const action of await store.listActions(uuid)) {
      actions.push(action);
      const { operation, state, steps = [] } = action;
      if (steps.length > 0) broken.push(`steps of ${operation} (${state}) are open: ${JSON.stringify(steps)}`);
    }
  }
  for (const { id, kind, instanceUuid } of await images.listImages({})) {
    if (instanceUuid === undefined || instanceUuid === null) continue;
    const maker = actions.find(({ uuid }) => uuid === id);
    const isWanted = kind === 'shelved' ? shelvedIn.includes(id) : maker?.state === 'succeeded' || kind === 'backup';
    if (!isWanted) broken.push(`an image (${kind}) of ${maker?.operation} (${maker?.state}) is left`);
  }
  for (const id of await images.listUnfinishedImages()) broken.push(`image ${id} is begun and left`);
  return broken;
}
