import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import {
  verdictOnHeldInterface,
  verdictOnHeldVolume,
  verdictOnMissingVolume,
} from '../src/host-life/provider-verdict.js';
import { sampleAudited, sampleVolume } from './support/audited-instance.js';
import { admin, quietLife, tenant } from './support/fake-compute.js';
import { volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { ended, instanceUuid, runningInstance } from './support/running-instance.js';
import { twoHosts } from './support/two-hosts.js';

const everyMs = 600_000;
const hostLife = { everyMs: { ...quietLife.everyMs, providerAudit: everyMs } };
const { projectId } = tenant;
const [volumeId, otherId] = volumeIds;
const stranger = '00000000-0000-4000-a000-0000000000aa';

/** An attach that has failed, and whose reservation the provider has all the same. */
async function leftByAttach(fake: ProvidedCompute): Promise<string> {
  const error = new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'cannot be connected' });
  fake.providerFaults.add({ at: 'volumes.connect', fault: { type: 'throw', error } });
  const { uuid, state } = await ended(fake, fake.compute.api.volumes.attach(tenant, instanceUuid, { volumeId }));
  expect(state).toBe('failed');
  fake.volumes.forget(volumeId);
  await fake.settled(fake.volumes.reserve(volumeId, await holder(fake, uuid)));
  return uuid;
}

async function holder({ store }: Pick<ProvidedCompute, 'store'>, reservationId: string) {
  const { buildUuid = '' } = await store.getInstance(instanceUuid);
  return { instanceUuid, buildUuid, projectId, reservationId };
}

async function told({ compute }: Pick<ProvidedCompute, 'compute'>) {
  const all = await compute.operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 });
  const ofProvider = all.filter(({ eventType }) => eventType === 'compute.provider.deviation');
  return ofProvider.map(({ payload }) => payload.reaction);
}

const connected = async (fake: ProvidedCompute, reservationId: string, host = 'host-1'): Promise<void> => {
  const connector = { host, address: '127.0.0.1' };
  await fake.settled(fake.volumes.connect(volumeId, { ...(await holder(fake, reservationId)), connector }));
};

describe('what a provider holds for an instance and its record does not name', () => {
  it('is told once after two looks, and kept, when no action of the instance has made it', async () => {
    await using fake = await runningInstance({ hostLife });
    await fake.settled(fake.volumes.reserve(volumeId, await holder(fake, stranger)));
    await fake.clock.advance(5 * everyMs);
    expect(await told(fake)).toEqual(['left']);
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ reservationId: stranger });
    const { providerAudit } = await fake.compute.operator.health(admin);
    expect(providerAudit).toMatchObject({ instances: 1, unanswered: 0, deviations: 1, mended: 0 });
  });

  it('is not looked at when it is of another build', async () => {
    await using fake = await runningInstance({ hostLife });
    await fake.settled(fake.volumes.reserve(volumeId, { ...(await holder(fake, stranger)), buildUuid: 'another' }));
    await fake.clock.advance(5 * everyMs);
    expect(await told(fake)).toEqual([]);
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ reservationId: stranger });
  });

  it('is given back at the second look when an ended action of the instance has made it', async () => {
    await using fake = await runningInstance({ hostLife });
    await leftByAttach(fake);
    await fake.clock.advance(everyMs);
    expect(fake.volumes.attachmentOf(volumeId)).not.toBeNull();
    await fake.clock.advance(everyMs + 1_000);
    expect(fake.volumes.attachmentOf(volumeId)).toBeNull();
    expect(await told(fake)).toEqual(['mended']);
    const { providerAudit } = await fake.compute.operator.health(admin);
    expect(providerAudit).toMatchObject({ deviations: 0, mended: 1 });
  });

  it('is only told where the policy is to alert', async () => {
    await using fake = await runningInstance({ hostLife: { ...hostLife, providerDeviations: 'alert' } });
    const reservationId = await leftByAttach(fake);
    await fake.clock.advance(5 * everyMs);
    expect(await told(fake)).toEqual(['left']);
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ reservationId });
  });

  it.each([
    ['a running guest has it open', 'host-1'],
    ['it is connected to another host', 'host-2'],
  ])('is kept and told while %s', async (_, host) => {
    await using fake = await runningInstance({ hostLife });
    await ended(fake, fake.compute.api.volumes.attach(tenant, instanceUuid, { volumeId }));
    const { reservationId = '' } = fake.volumes.attachmentOf(volumeId) ?? {};
    const patch = { blockDevices: [] };
    await fake.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
    fake.volumes.forget(volumeId);
    await connected(fake, reservationId, host);
    await fake.clock.advance(5 * everyMs);
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ reservationId, hosts: [host] });
    expect(await told(fake)).toEqual(['left']);
  });

  it('is kept while its provider answers otherwise each time', async () => {
    await using fake = await runningInstance({ hostLife });
    const reservationId = await leftByAttach(fake);
    for (let nth = 0; nth < 4; nth++) {
      fake.volumes.forget(volumeId);
      if (nth % 2 === 0) await fake.settled(fake.volumes.reserve(volumeId, await holder(fake, reservationId)));
      await fake.clock.advance(everyMs + 1_000);
    }
    expect(await told(fake)).toEqual([]);
  });

  it('is kept, and not told, when the record changes between the second look and the lock', async () => {
    await using fake = await runningInstance({ hostLife });
    const reservationId = await leftByAttach(fake);
    await fake.clock.advance(everyMs);
    const recorded = { id: volumeId, source: null, bus: 'virtio', device: 'disk', reservationId } as const;
    const patch = { blockDevices: [recorded] };
    const meet = async (): Promise<void> => {
      await fake.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
    };
    fake.providerFaults.add({ at: 'volumes.volumesOf', fault: { type: 'meet', meet, when: 'after' } });
    await fake.clock.advance(3 * everyMs);
    expect(await told(fake)).toEqual([]);
    expect(fake.volumes.attachmentOf(volumeId)).toMatchObject({ reservationId });
  });

  it('is kept while its provider does not answer, and given back after two answers', async () => {
    await using fake = await runningInstance({ hostLife });
    await leftByAttach(fake);
    const error = new ComputeError('STORE_UNAVAILABLE', {});
    fake.providerFaults.add({ at: 'volumes.volumesOf', times: 'always', fault: { type: 'throw', error } });
    await fake.clock.advance(3 * everyMs);
    const { providerAudit, tasks } = await fake.compute.operator.health(admin);
    expect(providerAudit).toMatchObject({ unanswered: 1, mended: 0 });
    expect(tasks.find(({ name }) => name === 'providerAudit')?.lastFailure).not.toBeNull();
    expect(fake.volumes.attachmentOf(volumeId)).not.toBeNull();
    fake.providerFaults.clear();
    await fake.clock.advance(2 * everyMs + 2_000);
    expect(fake.volumes.attachmentOf(volumeId)).toBeNull();
  });

  it('is given back of an instance that was deleted: its volume and its interface', async () => {
    await using fake = await runningInstance({ hostLife });
    const build = await holder(fake, stranger);
    const { uuid } = await ended(fake, fake.compute.api.delete(tenant, instanceUuid));
    await fake.settled(fake.volumes.reserve(volumeId, { ...build, reservationId: uuid }));
    const attachment = { ...build, host: 'host-1', request: {}, idempotencyKey: stranger };
    await fake.settled(fake.networks.attach(attachment));
    await fake.clock.advance(2 * everyMs + 2_000);
    expect(fake.volumes.attachmentOf(volumeId)).toBeNull();
    expect(fake.networks.idsOf(instanceUuid)).toEqual([]);
    expect(await told(fake)).toEqual(['mended', 'mended']);
  });

  it('is given back by the host of the instance, and by no other that shares the provider', async () => {
    await using hosts = await twoHosts({ compute: { hostLife } });
    const [built] = await hosts.store.listActions(instanceUuid);
    const before = hosts.volumes.heldBy(instanceUuid);
    await hosts.alpha.settled(hosts.volumes.reserve(otherId, await holder(hosts, built?.uuid ?? '')));
    await hosts.alpha.settled(hosts.alpha.compute.close());
    await hosts.clock.advance(5 * everyMs);
    expect(hosts.volumes.attachmentOf(otherId)).not.toBeNull();
    await hosts.restarted('alpha');
    await hosts.clock.advance(2 * everyMs + 2_000);
    expect(hosts.volumes.attachmentOf(otherId)).toBeNull();
    expect(hosts.volumes.heldBy(instanceUuid)).toEqual(before);
  });
});

describe('what a record names and its provider does not hold', () => {
  it.each([
    ['is reserved again when it is free', 'free', 'mended', true],
    ['is told when another instance has it', 'taken', 'left', false],
    ['is told when its reservation has ended', 'ended', 'left', false],
  ] as const)('%s', async (_, how, reaction, isHeld) => {
    await using fake = await runningInstance({ hostLife });
    const { state } = await ended(fake, fake.compute.api.volumes.attach(tenant, instanceUuid, { volumeId }));
    expect(state).toBe('succeeded');
    const { reservationId = '' } = fake.volumes.attachmentOf(volumeId) ?? {};
    const own = await holder(fake, reservationId);
    if (how === 'ended') await fake.settled(fake.volumes.unreserve(volumeId, own));
    else fake.volumes.forget(volumeId);
    if (how === 'taken') await fake.settled(fake.volumes.reserve(volumeId, { ...own, instanceUuid: stranger }));
    await fake.clock.advance(3 * everyMs);
    expect(await told(fake)).toEqual([reaction]);
    expect(fake.volumes.heldBy(instanceUuid).map(({ id }) => id)).toEqual(isHeld ? [volumeId] : []);
  });
});

describe('the verdict on what a provider holds', () => {
  const made = sampleAudited();
  it.each([
    ['recorded under the same reservation', { device: 'r-1' }, { reservationId: 'r-1' }, 'fine'],
    ['recorded since before reservations had names', { device: null }, { reservationId: 'r-1' }, 'fine'],
    ['recorded under another reservation', { device: 'r-2' }, { reservationId: 'r-1' }, 'tell'],
    ['made by an ended action', {}, { reservationId: 'ended' }, 'give back'],
    ['made by an action that runs', { running: true }, { reservationId: 'running' }, 'awaited'],
    ['while another action waits', { queued: true }, { reservationId: 'ended' }, 'awaited'],
    ['while an operation has the instance', { taskState: 'powering-off' }, { reservationId: 'ended' }, 'awaited'],
    ['while a step is open', { steps: true }, { reservationId: 'ended' }, 'awaited'],
    ['while something is to be released', { pending: true }, { reservationId: 'ended' }, 'awaited'],
    ['during a migration', { migration: 'unfinished' }, { reservationId: 'ended' }, 'awaited'],
    ['made by nobody that is known', {}, { reservationId: 'unknown' }, 'tell'],
    ['without a name', {}, {}, 'tell'],
    ['connected here', {}, { reservationId: 'ended', hosts: ['host-1'] }, 'give back'],
    ['connected elsewhere', {}, { reservationId: 'ended', hosts: ['host-2'] }, 'tell'],
    ['of an instance of another host', { host: 'host-2' }, { reservationId: 'ended' }, 'tell'],
    ['of an instance on no host', { host: null }, { reservationId: 'ended' }, 'tell'],
    ['of a deleted instance, on record', { vmState: 'deleted', device: 'r-1' }, { reservationId: 'r-1' }, 'give back'],
    ['of a deleted instance, made by an action', { vmState: 'deleted' }, { reservationId: 'ended' }, 'give back'],
    ['of a deleted instance, made by nobody', { vmState: 'deleted' }, { reservationId: 'unknown' }, 'tell'],
  ] as const)('a volume %s', (_, fields, attachment, verdict) => {
    expect(verdictOnHeldVolume(sampleVolume(attachment), sampleAudited(fields))).toBe(verdict);
  });

  it.each([
    ['recorded', 'port-1', {}, 'fine'],
    ['of nobody that is known', 'port-2', {}, 'tell'],
    ['beside an attach that failed', 'port-2', { lost: true }, 'give back'],
    ['beside an attach that runs', 'port-2', { lost: true, running: true }, 'awaited'],
    ['of an instance of another host', 'port-2', { lost: true, host: 'host-2' }, 'tell'],
    ['of a deleted instance', 'port-1', { vmState: 'deleted' }, 'give back'],
  ] as const)('an interface %s', (_, id, fields, verdict) => {
    expect(verdictOnHeldInterface(id, sampleAudited(fields))).toBe(verdict);
  });

  it.each([
    ['reserved by name', { reservationId: 'r-1' }, {}, 'ask again'],
    ['that may never have been a provider’s', {}, {}, 'fine'],
    ['of a deleted instance', { reservationId: 'r-1' }, { vmState: 'deleted' }, 'fine'],
    ['while an operation has the instance', { reservationId: 'r-1' }, { taskState: 'powering-off' }, 'awaited'],
    ['of an instance of another host', { reservationId: 'r-1' }, { host: 'host-2' }, 'tell'],
  ] as const)('a recorded volume that is not held, %s', (_, device, fields, verdict) => {
    expect(verdictOnMissingVolume(device, sampleAudited(fields))).toBe(verdict);
  });

  it('changes nothing of what it looks at', () => {
    const before = JSON.stringify(made);
    verdictOnHeldVolume(sampleVolume({ reservationId: 'ended' }), made);
    expect(JSON.stringify(made)).toBe(before);
  });
});
