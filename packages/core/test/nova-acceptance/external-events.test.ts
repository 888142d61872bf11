import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { createRequest, fakeCompute, tenant, type FakeCompute } from '../support/fake-compute.js';
import { instanceUuid } from '../support/running-instance.js';
import { plugged } from '../support/vif-news.js';

const networkInterfaces = [{ type: 'user', id: plugged.tag, macAddress: '52:54:00:00:00:01', status: 'down' }] as const;

/** A guest that waits for its network, which has said nothing yet. */
async function waiting(fake: FakeCompute, uuid = instanceUuid) {
  const { finished } = await fake.compute.api.create(
    tenant,
    createRequest({ uuid, networkInterfaces: [...networkInterfaces] }),
  );
  await fake.clock.advance(1_000);
  expect(fake.hypervisor.look(uuid).guest?.state).toBe('paused');
  return { built: finished };
}

describe('Nova’s acceptance cases: waits for external events', () => {
  it('X1: what was waited for lets the guest run', async () => {
    await using fake = await fakeCompute();
    const { built } = await waiting(fake);
    fake.compute.deliver(plugged);
    await fake.clock.advance(0);
    expect(await fake.settled(built)).toMatchObject({ state: 'succeeded' });
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('running');
  });

  it('N3: a delete lets go of who waits, and of what was kept for its instance', async () => {
    await using fake = await fakeCompute();
    const { built } = await waiting(fake);
    expect(await endedAsPromised(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    expect(await fake.settled(built)).toMatchObject({ state: 'cancelled' });
    const [outcome] = await fake.settled(fake.compute.deliverAll([plugged]));
    expect(outcome).toMatchObject({ outcome: 'refused', failure: { code: 'INSTANCE_NOT_FOUND' } });
    await fake.settled(fake.compute.close());
    expect(fake.clock.sleeperCount).toBe(0);
  });
});
