import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { admin, tenant } from '../support/fake-compute.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, ownerContext, runningInstance, toldOf } from '../support/running-instance.js';

describe('Nova’s acceptance cases: events', () => {
  it('V7, V9: a failed step has the tenant’s text, and the traceback for the operator; a good one has neither', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: foreignError() } });
    const failed = await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    const good = await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    const { operator } = fake.compute;
    const [error] = await operator.listEvents(admin, failed.uuid);
    expect(error).toMatchObject({ result: 'Error', failure: { code: 'INTERNAL' }, name: 'compute_pause_instance' });
    expect(error?.operator.traceback).toContain(foreignError().message);
    const [success] = await operator.listEvents(admin, good.uuid);
    expect(success).toMatchObject({ result: 'Success', failure: null, operator: { traceback: null } });
  });

  it('V8: a direct call without an action is kept under its request (Nova: InstanceActionNotFound)', async () => {
    await using fake = await runningInstance();
    const context = ownerContext();
    const instance = await fake.store.getInstance(instanceUuid);
    await fake.settled(fake.compute.manager.pauseInstance(context, instance));
    const events = await fake.compute.operator.listEvents(admin, context.requestId);
    expect(events.map(({ result }) => result)).toEqual(['Success']);
  });

  it('V10: another request’s call is never added to an action of its instance (Nova: to the newest, for the service)', async () => {
    await using fake = await runningInstance();
    const paused = await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    const context = { ...ownerContext(), role: 'service' as const };
    const instance = await fake.store.getInstance(instanceUuid);
    await fake.settled(fake.compute.manager.unpauseInstance(context, instance));
    const { operator } = fake.compute;
    expect(await operator.listEvents(admin, paused.uuid)).toMatchObject([{ name: 'compute_pause_instance' }]);
    expect(await operator.listEvents(admin, context.requestId)).toMatchObject([{ name: 'compute_unpause_instance' }]);
  });
});

describe('Nova’s acceptance cases: notifications', () => {
  it('W5, W6: one of one kind for a failure, and none for a success (Nova: two, of two kinds)', async () => {
    await using fake = await runningInstance();
    const [bad, good] = [ownerContext(), ownerContext()];
    const error = new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: 'pause' });
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error } });
    await endedAsPromised(fake, fake.compute.api.pause(bad, instanceUuid));
    await endedAsPromised(fake, fake.compute.api.pause(good, instanceUuid));
    expect((await toldOf(fake, bad)).filter((each) => each === 'compute.exception')).toHaveLength(1);
    expect(await toldOf(fake, good)).not.toContain('compute.exception');
  });
});
