import { describe, expect, it } from 'vitest';
import { admin, quietLife, tenant } from './support/fake-compute.js';
import { volumeIds } from './support/memory-providers.js';
import { instanceUuid, runningInstance } from './support/running-instance.js';

const hostLife = { everyMs: { ...quietLife.everyMs, providerAudit: 600_000 } };
const { projectId } = tenant;

describe('what a provider holds for an instance and its record does not name', () => {
  it.each([
    ['is told once after two looks, and kept', true, 1],
    ['is not told when it is of another build', false, 0],
  ])('%s', async (_, isSameBuild, toldCount) => {
    await using fake = await runningInstance({ hostLife });
    const { buildUuid } = await fake.store.getInstance(instanceUuid);
    const build = isSameBuild && buildUuid !== undefined ? { buildUuid } : { buildUuid: 'another' };
    const reservationId = '00000000-0000-4000-a000-0000000000aa';
    await fake.settled(fake.volumes.reserve(volumeIds[0], { instanceUuid, projectId, reservationId, ...build }));
    await fake.clock.advance(3_000_000);
    const told = await fake.compute.operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 });
    const ofProvider = told.filter(({ eventType }) => eventType === 'compute.provider.deviation');
    expect(ofProvider).toHaveLength(toldCount);
    expect(fake.volumes.attachmentOf(volumeIds[0])).toMatchObject({ reservationId });
  });
});
