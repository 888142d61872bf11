import { operations, type Instance, type InstanceAction, type Notification } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import { brokenBelongings } from '../support/belongings-promises.js';
import { admin } from '../support/fake-compute.js';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { endsOfDisks } from './crash-stories.js';
import type { Acknowledged } from './manager-process.js';
import type { MachineRoom } from './machine-room.js';
import { precious, type Precious } from './precious.js';

export interface Recovered {
  readonly room: MachineRoom;
  /** The manager of the first host. */
  readonly fake: ProvidedCompute;
  /** Looks at the guest; a move has hosts of its own to look at. */
  readonly guest: 'on one host' | 'looked at elsewhere';
  readonly instanceUuid: string;
  /** What the dead process had been told is kept. */
  readonly acknowledged: readonly Acknowledged[];
  /** What there was before the operation that nobody may have touched since. */
  readonly before: Precious;
  /** The operation, when its request was accepted. */
  readonly action: InstanceAction | undefined;
}

type Claim = (holds: boolean, promise: string) => void;

/** What a manager that has recovered from the death of another has broken, a sentence each. Counts what was looked at. */
export async function brokenAfterCrash(
  recovered: Recovered,
): Promise<{ readonly broken: string[]; readonly claims: number }> {
  const broken: string[] = [];
  let claims = 0;
  const claim: Claim = (holds, promise) => {
    claims += 1;
    if (!holds) broken.push(promise);
  };
  await checkAcknowledged(recovered, claim);
  await checkNothingIsOpen(recovered, claim);
  await checkAction(recovered, claim);
  if (recovered.guest === 'on one host') await checkGuest(recovered, claim);
  checkNothingIsLost(recovered, claim);
  return { broken, claims };
}

async function checkAcknowledged({ fake, acknowledged }: Recovered, claim: Claim): Promise<void> {
  const { store, compute } = fake;
  const all = await compute.operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 });
  for (const { writes, instances } of acknowledged) {
    for (const [uuid, { revision }] of instances) {
      const now = await store.getInstance(uuid);
      claim(now.revision >= revision, `revision ${revision} of the instance was acknowledged and is lost`);
    }
    for (const write of writes) claim(await isKept(write, fake, all), `an acknowledged ${write.write} is lost`);
  }
}

async function isKept(write: StoreWrite, { store }: ProvidedCompute, all: readonly Notification[]): Promise<boolean> {
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

async function checkNothingIsOpen({ fake, room, instanceUuid }: Recovered, claim: Claim): Promise<void> {
  const { store } = fake;
  const busy = await store.listInstances({ taskState: 'set' });
  for (const { taskState } of busy) claim(false, `the task state is left at ${taskState}`);
  for (const host of room.hosts) {
    claim((await store.listUnfinishedActions(host)).length === 0, 'an action is not finished');
  }
  for (const { uuid, operation } of await store.listActions(instanceUuid)) {
    const open = (await store.listEvents(uuid)).filter(({ finishedAtMs }) => finishedAtMs === null);
    claim(open.length === 0, `an event of ${operation} is left open`);
  }
  claim(fake.images.unfinishedIds.length === 0, 'an image is left unfinished');
}

async function checkAction({ fake, instanceUuid, action }: Recovered, claim: Claim): Promise<void> {
  if (!action) return;
  const { recovery } = operations[action.operation];
  const { state, failure } = action;
  const canOnlyBeDoneHere = recovery === 'give-up' || recovery === 'settle-move' || failure?.code === 'INTERRUPTED';
  claim(state === 'succeeded' || canOnlyBeDoneHere, `it ended as ${state}: ${failure?.message}`);

  const faults = (await fake.store.listFaults(instanceUuid)).filter(({ actionUuid }) => actionUuid === action.uuid);
  claim(faults.length === (state === 'succeeded' ? 0 : 1), `${faults.length} faults tell of an action that ${state}`);
  claim(
    faults.every(({ code }) => code === failure?.code),
    `the fault says ${faults[0]?.code}, the action ${failure?.code}`,
  );

  const query = { afterSequence: 0, requestId: action.requestId, countMax: 1_000 };
  const told = (await fake.store.listNotifications(query)).filter(({ instanceUuid: uuid }) => uuid === instanceUuid);
  const ends = told.filter(({ eventType }) => /^instance\..*\.(end|error)$/.test(eventType));
  claim(ends.length === 1, `${ends.length} terminal notifications tell of its end`);
  const wanted = state === 'succeeded' ? '.end' : '.error';
  claim(
    ends.every(({ eventType }) => eventType.endsWith(wanted)),
    `${ends[0]?.eventType} tells of an action that ${state}`,
  );
}

async function checkGuest({ fake, instanceUuid, action }: Recovered, claim: Claim): Promise<void> {
  const look = fake.hypervisor.look(instanceUuid);
  const { guest, disks, vifs, savedMemory } = look;
  const instance = await found(fake, instanceUuid);
  if (!instance) {
    claim(!guest && disks.length === 0 && vifs.length === 0, 'something is left of an instance that nobody knows');
    claim(fake.networks.idsOf(instanceUuid).length === 0, 'interfaces are left of an instance that nobody knows');
    return;
  }
  const { vmState, powerState, host } = instance;
  const state = guest?.state;
  const isOff = state !== 'running' && state !== 'paused';
  const truths: Partial<Record<Instance['vmState'], boolean>> = {
    active: state === 'running' && guest?.bootsFrom === 'own-disk',
    paused: state === 'paused',
    stopped: guest !== undefined && isOff && savedMemory === 'absent',
    suspended: guest !== undefined && isOff && savedMemory === 'present',
    rescued: state === 'running' && guest?.bootsFrom === 'rescue-image',
    resized: true,
    shelved: isOff,
    shelved_offloaded: !guest && disks.length === 0,
    'soft-delete': isOff,
    error: action?.state !== 'succeeded',
    deleted: !guest && disks.length === 0 && vifs.length === 0 && savedMemory === 'absent',
  };
  claim(truths[vmState] ?? false, `the vm state is ${vmState} while the guest is ${state ?? 'absent'}`);
  const powers = { running: 'RUNNING', paused: 'PAUSED' } as const;
  const power = state === 'running' || state === 'paused' ? powers[state] : undefined;
  claim(
    power === undefined ? powerState !== 'RUNNING' && powerState !== 'PAUSED' : powerState === power,
    `the power state is ${powerState} while the guest is ${state ?? 'absent'}`,
  );
  const isNowhere = vmState === 'shelved_offloaded';
  claim((host === null) === isNowhere, `the instance is on ${host ?? 'no host'}`);
  // What an instance in error still has, a delete gives back.
  if (vmState === 'error') return;
  claim(!isOff || vifs.length === 0, `a guest that is ${state ?? 'absent'} has left vifs behind`);
  // The next snapshot, stop or delete of the guest ends it: a driver has nothing to end only that.
  claim(look.capture === undefined || action?.failure?.code === 'INTERRUPTED', 'a capture of the disk is left behind');
  for (const problem of await brokenBelongings(fake, instanceUuid)) claim(false, problem);
}

function checkNothingIsLost({ room, instanceUuid, before, action }: Recovered, claim: Claim): void {
  const now = precious(room, instanceUuid);
  const mayLoseDisk = action !== undefined && endsOfDisks.includes(action.operation);
  if (!mayLoseDisk) claim(before.disk === 'none' || now.disk === 'precious', 'what was on the root disk is lost');
  const lostVolumes = before.volumes.filter((id) => !now.volumes.includes(id));
  claim(lostVolumes.length === 0, `what was on the volumes ${lostVolumes.join()} is lost`);
  claim(now.bystander === before.bystander, `another instance was ${before.bystander} and is ${now.bystander}`);
  const lost = before.images.filter((id) => !now.images.includes(id));
  claim(lost.length === 0 || action?.operation === 'unshelve', `the images ${lost.join()} are lost`);
}

async function found({ store }: ProvidedCompute, instanceUuid: string): Promise<Instance | undefined> {
  const all = await store.listInstances({});
  return (
    all.find(({ uuid }) => uuid === instanceUuid) ?? (await store.getInstance(instanceUuid).catch(() => undefined))
  );
}
