import { randomUUID } from 'node:crypto';
import {
  isComputeError,
  requestContext,
  type AcceptedAction,
  type RequestContext,
  type TenantAction,
} from '@virtkit/core';
import { disagreements } from './agreement.js';
import { projectId, volumeIds, type LocalWorld } from './local-world.js';
import type { SeededRandom } from './seeded-random.js';

type Begin = (world: LocalWorld, uuid: string) => Promise<AcceptedAction>;

const [first, second] = volumeIds;
const tenant = (): RequestContext => requestContext({ projectId, userId: 'ann' });
const admin = (): RequestContext => requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

const preempted = {
  detachVolume: ({ compute }, uuid) => compute.api.volumes.detach(tenant(), uuid, first),
  attachVolume: ({ compute }, uuid) => compute.api.volumes.attach(tenant(), uuid, { volumeId: second }),
  swapVolume: ({ compute }, uuid) => compute.api.volumes.swap(admin(), uuid, { volumeId: first, newVolumeId: second }),
  attachInterface: ({ compute }, uuid) => compute.api.interfaces.attach(tenant(), uuid, { networkId: 'outside' }),
  detachInterface: async ({ compute, store }, uuid) => {
    const { networkInterfaces } = await store.getInstance(uuid);
    return await compute.api.interfaces.detach(tenant(), uuid, networkInterfaces[0]?.id ?? 'none');
  },
  snapshot: ({ compute }, uuid) => compute.api.images.snapshot(tenant(), uuid, { name: 'now' }),
  backup: ({ compute }, uuid) =>
    compute.api.images.backup(tenant(), uuid, { name: 'now', backupType: 'daily', rotation: 1 }),
  shelve: ({ compute }, uuid) => compute.api.images.shelve(tenant(), uuid, { gracePeriodMs: 0 }),
} as const satisfies Readonly<Record<string, Begin>>;

const preemptors = {
  forceStop: ({ compute }, uuid) => compute.api.forceStop(tenant(), uuid),
  softDelete: ({ compute }, uuid) => compute.api.softDelete(tenant(), uuid),
  delete: ({ compute }, uuid) => compute.api.delete(tenant(), uuid),
} as const satisfies Readonly<Record<string, Begin>>;

export type PreemptedName = keyof typeof preempted;
const preemptedNames = Object.keys(preempted) as [PreemptedName, ...PreemptedName[]];
const preemptorNames = Object.keys(preemptors) as [keyof typeof preemptors, ...(keyof typeof preemptors)[]];

export interface Round {
  /** What was done, in words that name the moment. */
  readonly name: string;
  readonly end: 'preempted' | 'refused' | 'by itself';
  readonly problems: readonly string[];
}

/**
 * An operation, preempted at a moment drawn by lot; then another instance takes the volumes that are free, and the first is started. At each
 * stage records, providers and guests agree.
 */
export async function preemptedRound(
  world: LocalWorld,
  other: string,
  random: SeededRandom,
  momentCounts: Map<PreemptedName, number>,
): Promise<Round> {
  const { moments } = world;
  const uuid = randomUUID();
  const problems: string[] = [];
  const agree = async (when: string, uuids = [uuid, other]): Promise<void> => {
    problems.push(...(await disagreements(world, uuids)).map((each) => `${when}: ${each}`));
  };
  await succeeded(world.compute.api.create(tenant(), buildRequest(world, uuid)));

  // The first time each, nothing comes between: so many moments it has.
  const operation = preemptedNames.find((each) => !momentCounts.has(each)) ?? random.oneOf(preemptedNames);
  const preemptor = random.oneOf(preemptorNames);
  const counted = momentCounts.get(operation);
  const at = counted === undefined ? Infinity : 1 + random.below(counted);
  const turns = random.below(4);
  const waits = random.below(2) === 0;
  let meeting: Promise<AcceptedAction | Error> | undefined;
  moments.arm(at, async () => {
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    meeting = preemptors[preemptor](world, uuid).catch((failure: unknown) => failure as Error);
    if (waits) await meeting;
  });
  const begun = await preempted[operation](world, uuid).catch((failure: unknown) => failure as Error);
  const ended = begun instanceof Error ? undefined : await begun.finished;
  const count = moments.disarm();
  if (counted === undefined && ended?.state !== 'succeeded') problems.push(`${operation} does not succeed by itself`);
  if (counted === undefined) momentCounts.set(operation, count);
  const met = await meeting;
  const name = `${operation}, ${preemptor} at moment ${at} after ${turns} turns, ${waits ? 'awaited' : 'beside it'}`;
  if (met instanceof Error && !isComputeError(met)) problems.push(`${preemptor} is refused with ${String(met)}`);
  if (met && !(met instanceof Error)) {
    const { state, failure } = await met.finished;
    if (state !== 'succeeded') problems.push(`${preemptor} ends ${state}: ${failure?.message}`);
  }
  await agree('at the end');

  for (const volumeId of volumeIds) await taken(world, other, volumeId);
  await agree('when another has taken what is free');
  const { vmState } = await world.store.getInstance(uuid);
  if (vmState === 'stopped') await (await world.compute.api.start(tenant(), uuid)).finished;
  if (vmState === 'soft-delete') await (await world.compute.api.restore(tenant(), uuid)).finished;
  await agree('when it is started again');
  if (vmState !== 'deleted') await succeeded(world.compute.api.delete(tenant(), uuid));
  for (const { id } of (await world.store.getInstance(other)).blockDevices) {
    await succeeded(world.compute.api.volumes.detach(tenant(), other, id));
  }
  for (const { id, kind } of await world.images.listImages({})) {
    if (kind !== 'base' && kind !== 'shelved') await world.images.deleteImage(id);
  }
  await agree('when all is given back');
  if ((await world.volumes.listVolumes()).some(({ attachment }) => attachment)) problems.push('a volume stays held');
  return { name, problems, end: !met ? 'by itself' : met instanceof Error ? 'refused' : 'preempted' };
}

/** An instance that takes the volumes which the others have let go of. */
export async function otherInstance(world: LocalWorld): Promise<string> {
  const uuid = randomUUID();
  await succeeded(world.compute.api.create(tenant(), { ...buildRequest(world, uuid), volumes: [] }));
  return uuid;
}

function buildRequest({ imageId }: LocalWorld, uuid: string) {
  const flavor = { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 };
  return { uuid, name: 'web-1', flavor, imageId, networks: [{}, {}], volumes: [{ volumeId: first }] };
}

async function succeeded(accepting: Promise<AcceptedAction>): Promise<TenantAction> {
  const action = await (await accepting).finished;
  if (action.state !== 'succeeded') throw new Error(`${action.operation} ends ${action.state}`, { cause: action });
  return action;
}

/** Takes a volume when it is free. */
async function taken({ compute, volumes }: LocalWorld, uuid: string, volumeId: string): Promise<void> {
  const { attachment } = await volumes.getVolume(volumeId, { projectId });
  if (!attachment) await succeeded(compute.api.volumes.attach(tenant(), uuid, { volumeId }));
}
