import type { ExternalEvent } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { buildOf } from '../src/model/build-of.js';
import { admin, createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const nobody = '00000000-0000-4000-8000-00000000dead';
const [volumeId] = volumeIds;

async function withInstance(): Promise<ProvidedCompute> {
  const fake = await providedCompute();
  const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
  const whole = { ...request, imageId, networks: [{}, {}], volumes: [{ volumeId }] };
  const { finished } = await fake.settled(fake.compute.api.create(tenant, whole));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return fake;
}

const event = (name: ExternalEvent['name'], tag = '', fields: Partial<ExternalEvent> = {}): ExternalEvent => ({
  name,
  tag,
  instanceUuid: uuid,
  status: 'completed',
  ...fields,
});

async function taken(fake: ProvidedCompute, ...events: readonly ExternalEvent[]) {
  const outcomes = await fake.settled(fake.compute.deliverAll(events));
  for (const outcome of outcomes) {
    if (outcome.outcome !== 'accepted') continue;
    const { actionUuid } = outcome;
    while ((await fake.compute.operator.getInstance(admin, uuid)).taskState !== null) await fake.clock.advance(1_000);
    expect(await fake.store.getAction(actionUuid)).toMatchObject({ state: 'succeeded' });
  }
  return outcomes.map(({ outcome }) => outcome);
}

describe('external events', () => {
  it('are each for themselves: what becomes of one harms no other', async () => {
    await using fake = await withInstance();
    const outcomes = await fake.settled(
      fake.compute.deliverAll([
        event('network-vif-plugged', 'a'),
        event('volume-extended', nobody),
        undefined as unknown as ExternalEvent,
        { ...event('network-changed'), name: 'toString' as 'network-changed' },
        event('network-vif-plugged', 'a', { instanceUuid: nobody }),
        event('network-changed'),
        event('volume-extended', volumeId, { status: 'failed' }),
      ]),
    );
    expect(outcomes).toMatchObject([
      { outcome: 'handed-on' },
      { outcome: 'refused', failure: { code: 'DEVICE_NOT_FOUND' } },
      { outcome: 'refused', failure: { code: 'INVALID_INPUT' } },
      { outcome: 'refused', failure: { code: 'INVALID_INPUT' } },
      { outcome: 'refused', failure: { code: 'INSTANCE_NOT_FOUND' } },
      { outcome: 'refreshed' },
      { outcome: 'ignored' },
    ]);
  });

  it('of a volume that has grown make its guest see it', async () => {
    await using fake = await withInstance();
    await fake.volumes.extend(volumeId, 4_096);
    expect(await taken(fake, event('volume-extended', volumeId))).toEqual(['accepted']);
    expect(fake.hypervisor.look(uuid).devices?.blockDevices).toMatchObject([{ id: volumeId, sizeMib: 4_096 }]);
  });

  it('of an interface that is gone make its guest let go of it, once', async () => {
    await using fake = await withInstance();
    const [gone = '', kept = ''] = fake.networks.idsOf(uuid);
    await fake.networks.release(buildOf(await fake.store.getInstance(uuid)), gone);
    const deleted = event('network-vif-deleted', gone);
    expect(await taken(fake, deleted)).toEqual(['accepted']);
    expect(await taken(fake, deleted)).toEqual(['ignored']);
    expect(fake.hypervisor.look(uuid).devices?.interfaces.map(({ id }) => id)).toEqual([kept]);
    expect((await fake.store.getInstance(uuid)).networkInterfaces.map(({ id }) => id)).toEqual([kept]);
  });

  it('of a changed network bring the record up to date, after what runs', async () => {
    await using fake = await withInstance();
    const [id = ''] = fake.networks.idsOf(uuid);
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'delay', delayMs: 5_000 } });
    const pausing = await fake.compute.api.pause(tenant, uuid);
    await fake.clock.advance(1_000);
    fake.networks.setMtu(id, 9_000);
    expect(await taken(fake, event('network-changed'))).toEqual(['refreshed']);
    expect(await fake.settled(pausing.finished)).toMatchObject({ state: 'succeeded' });
    const { networkInterfaces } = await fake.store.getInstance(uuid);
    expect(networkInterfaces.find((each) => each.id === id)).toMatchObject({ mtuBytes: 9_000 });
  });

  it('of a power change are followed from the state it leads away from, by the driver’s own ability', async () => {
    await using fake = await withInstance();
    expect(await taken(fake, event('power-update', 'POWER_ON'))).toEqual(['ignored']);
    expect(await taken(fake, event('power-update', 'POWER_OFF'))).toEqual(['accepted']);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'stopped' });
    expect(await taken(fake, event('power-update', 'POWER_ON'))).toEqual(['accepted']);
    expect(await fake.store.getInstance(uuid)).toMatchObject({ vmState: 'active' });
    expect(fake.hypervisor.journal.points().filter(({ at }) => at === 'powerUpdateEvent')).toHaveLength(2);
  });

  it('are refused once the manager is closed', async () => {
    const fake = await withInstance();
    await fake.settled(fake.compute.close());
    expect(await fake.compute.deliverAll([event('network-changed')])).toMatchObject([
      { outcome: 'refused', failure: { code: 'MANAGER_CLOSED' } },
    ]);
    expect(fake.clock.sleeperCount).toBe(0);
  });
});
