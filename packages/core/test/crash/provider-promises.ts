import type { Instance, OperationName } from '@virtkit/core';
import { volumeIds } from '../support/memory-providers.js';
import type { Claim } from '../support/promises/claim.js';
import { instanceIfKnown } from '../support/promises/instance-if-known.js';
import type { Recovered } from './crash-promises.js';

const imageMakers: readonly OperationName[] = ['snapshot', 'backup', 'shelve'];

/**
 * The providers hold nothing that nobody owns: no volume, no interface, no image, no snapshot of a volume. Of an instance in error its record
 * names what is held for it, so that a repair or a delete finds that.
 */
export async function checkProviders(recovered: Recovered, claim: Claim): Promise<void> {
  const { fleet, instanceUuid } = recovered;
  const instance = await instanceIfKnown(fleet.store, instanceUuid);
  checkOwners(recovered, instance, claim);
  checkImages(recovered, claim);
}

function checkOwners({ fleet, instanceUuid }: Recovered, instance: Instance | undefined, claim: Claim): void {
  const { networks, volumes } = fleet.room;
  const known = instance?.vmState === 'deleted' ? undefined : instance;
  for (const id of volumeIds) {
    const isNamed = known?.blockDevices.some((device) => device.id === id) ?? false;
    claim(volumes.attachmentOf(id) === null || isNamed, `volume ${id} is reserved, and no record names it`);
  }
  for (const id of networks.idsOf(instanceUuid)) {
    const isNamed = known?.networkInterfaces.some((each) => each.id === id) ?? false;
    claim(isNamed, `interface ${id} is held, and no record names it`);
  }
  claim(volumes.openSnapshotIds.length === 0, 'a snapshot of a volume is left begun, or half deleted');
}

/** An image that was finished when the process died is as good as any. What an instance was not shelved in is of no use to anybody. */
function checkImages({ fleet, before, action }: Recovered, claim: Claim): void {
  const { images } = fleet.room;
  claim(images.unfinishedIds.length === 0, 'an image is left unfinished');
  const made = images.ids.filter((id) => !before.images.includes(id));
  const isMaker = action !== undefined && imageMakers.includes(action.operation);
  const mayBeThere = isMaker && (action.state === 'succeeded' || action.operation !== 'shelve');
  for (const id of made) claim(mayBeThere && id === action.uuid, `image ${id} is kept, and nobody asked for it`);
}
