import { isComputeError, type Notification } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import type { Claim } from '../support/promises.js';
import type { Recovered } from './crash-promises.js';
import type { ManagerFleet } from './manager-fleet.js';

/** Everything that anybody was told is kept: what the store has acknowledged, what was accepted of a client, what was told to a listener. */
export async function checkAcknowledged({ fleet, witness }: Recovered, claim: Claim): Promise<void> {
  const all = await fleet.store.listNotifications({ afterSequence: 0, countMax: 1_000 });
  for (const { writes, instances } of witness.acknowledged) {
    for (const [uuid, { revision }] of instances) {
      const now = await fleet.store.getInstance(uuid);
      claim(now.revision >= revision, `revision ${revision} of the instance was acknowledged and is lost`);
    }
    for (const write of writes) claim(await isKept(write, fleet, all), `an acknowledged ${write.write} is lost`);
  }
  for (const uuid of witness.acceptedActions) {
    claim(await hasAction(uuid, fleet), `action ${uuid} was accepted, and nobody knows it`);
  }
  for (const id of witness.deliveredNotifications) {
    claim(
      all.some((each) => each.id === id),
      `notification ${id} was delivered, and nobody knows it`,
    );
  }
}

async function isKept(write: StoreWrite, { store }: ManagerFleet, all: readonly Notification[]): Promise<boolean> {
  switch (write.write) {
    case 'create-action':
    case 'update-action': {
      const uuid = write.write === 'create-action' ? write.action.uuid : write.uuid;
      const found = await store.getAction(uuid);
      return write.write === 'create-action' || found.state !== 'queued';
    }
    case 'put-event':
      return (await store.listEvents(write.event.actionUuid)).some(({ id }) => id === write.event.id);
    case 'put-fault':
      return (await store.listFaults(write.fault.instanceUuid)).some(({ uuid }) => uuid === write.fault.uuid);
    case 'put-migration':
      return (await store.getMigration(write.migration.uuid)).uuid === write.migration.uuid;
    case 'append-notification':
      return all.some(({ id }) => id === write.notification.id);
    default:
      return true;
  }
}

async function hasAction(uuid: string, { store }: ManagerFleet): Promise<boolean> {
  try {
    return (await store.getAction(uuid)).uuid === uuid;
  } catch (failure) {
    if (isComputeError(failure, 'ACTION_NOT_FOUND')) return false;
    throw failure;
  }
}
