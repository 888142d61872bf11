import { ActionFailedError, ActionHandle, ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

const ann = { projectId: tenant.projectId, userId: 'ann' };
const otherProject = { projectId: 'project-2', userId: 'bob' };

async function built({ compute, settled }: FakeCompute, name = 'web-1') {
  const handle = await compute.as(ann).instances.create(createRequest({ name, networkInterfaces: [] }));
  return await settled(handle.result());
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.fail('it has succeeded'),
    (reason: unknown) => reason,
  );
}

describe('the API of one caller', () => {
  it('says once who asks, and every call is a request of its own', async () => {
    await using fixture = await fakeCompute();
    const acme = fixture.compute.as(ann);
    const { uuid } = await built(fixture);
    const reboot = await acme.instances.reboot(uuid, { type: 'HARD' });
    await fixture.settled(reboot.finished);
    const actions = await acme.actions.list(uuid);
    expect(actions.map(({ operation, userId }) => [operation, userId])).toEqual([
      ['hardReboot', 'ann'],
      ['build', 'ann'],
    ]);
    expect(new Set(actions.map(({ requestId }) => requestId)).size).toBe(2);
  });

  it('is a tenant’s without a role, and sees nothing of other projects', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    const stranger = fixture.compute.as(otherProject);
    expect(await failure(stranger.instances.get(uuid))).toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    expect(await failure(stranger.consoles.output(uuid))).toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    expect(await stranger.instances.list().toArray()).toEqual([]);
    expect(await failure(fixture.compute.as(ann).instances.diagnostics(uuid))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['no project', { userId: 'ann' }],
    ['an unknown role', { ...ann, role: 'member ' }],
    ['nobody', null],
  ])('is refused to %s', async (_, caller) => {
    await using fixture = await fakeCompute();
    expect(() => fixture.compute.as(caller as never)).toThrow(ComputeError);
  });

  it('has every group, each with the methods of its part', async () => {
    await using fixture = await fakeCompute();
    const acme = fixture.compute.as(ann);
    const groups = Object.fromEntries(
      Object.entries(acme).map(([name, group]) => [name, Object.keys(group as object)]),
    );
    expect(groups).toMatchObject({
      volumes: ['attach', 'detach', 'swap', 'extend', 'createSnapshot', 'deleteSnapshot'],
      interfaces: ['attach', 'detach', 'injectNetworkInfo'],
      images: ['snapshot', 'backup', 'shelve', 'shelveOffload', 'unshelve'],
      guestAgent: ['setAdminPassword', 'triggerCrashDump', 'quiesce', 'unquiesce'],
      consoles: ['create', 'output'],
      actions: ['handle', 'get', 'list'],
    });
    expect(groups['instances']).toEqual(expect.arrayContaining(['create', 'reboot', 'rescue', 'rebuild', 'list']));
    expect(groups['migrations']).toEqual(expect.arrayContaining(['resize', 'liveMigrate', 'evacuate']));
  });

  it.each([
    [
      'a type of reboot',
      (fixture: FakeCompute, uuid: string) => fixture.compute.as(ann).instances.reboot(uuid, { type: 'hard' as never }),
    ],
    [
      'an option of a reboot',
      (fixture: FakeCompute, uuid: string) => fixture.compute.as(ann).instances.reboot(uuid, { kind: 'HARD' } as never),
    ],
    ['a limit of a list', (fixture: FakeCompute) => fixture.compute.as(ann).instances.list({ limit: 0 }).toArray()],
    [
      'a state of a list',
      (fixture: FakeCompute) =>
        fixture.compute
          .as(ann)
          .instances.list({ vmState: ['deleted' as never] })
          .toArray(),
    ],
  ])('refuses %s that it does not know', async (_, call) => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    expect(await failure((async () => await call(fixture, uuid))())).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a handle', () => {
  it('gives the instance when its action has succeeded', async () => {
    await using fixture = await fakeCompute();
    const create = await fixture.compute.as(ann).instances.create(createRequest());
    expect(create).toBeInstanceOf(ActionHandle);
    expect(create.instance).toMatchObject({ taskState: 'scheduling' });
    const web = await fixture.settled(create.result());
    expect(web).toMatchObject({ uuid: create.instance.uuid, vmState: 'active', taskState: null });
    expect(await create.finished).toMatchObject({ uuid: create.uuid, state: 'succeeded' });
  });

  it('gives the last record of an instance that it has deleted', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    const gone = await fixture.compute.as(ann).instances.delete(uuid);
    expect(await fixture.settled(gone.result())).toMatchObject({ uuid, vmState: 'deleted' });
  });

  it('rejects with the public text when its action has failed, and `finished` does not reject', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    const error = new Error('qemu: /srv/secret.qcow2 is locked');
    fixture.hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error } });
    const reboot = await fixture.compute.as(ann).instances.reboot(uuid, { type: 'HARD' });
    const failed = await failure(fixture.settled(reboot.result()));
    expect(failed).toBeInstanceOf(ActionFailedError);
    expect(failed).toMatchObject({ code: 'GUEST_START_FAILED', action: { uuid: reboot.uuid, state: 'failed' } });
    expect(String(failed)).not.toContain('secret');
    expect(await reboot.finished).toMatchObject({ state: 'failed' });
  });

  it('cancels its action, which then ends like any other failure', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    fixture.hypervisor.faults.add({ at: 'start', fault: { type: 'hang', until: 'abort' } });
    const reboot = await fixture.compute.as(ann).instances.reboot(uuid, { type: 'HARD' });
    await reboot.cancel();
    expect(await failure(fixture.settled(reboot.result()))).toMatchObject({ action: { state: 'cancelled' } });
    expect(await reboot.cancel()).toMatchObject({ state: 'cancelled' });
  });

  it('is made of an action that another process has accepted', async () => {
    await using first = await fakeCompute();
    const { uuid } = await first.compute.as(ann).instances.create(createRequest());
    await first.settled((await first.compute.as(ann).actions.handle(uuid)).finished);
    await using second = await first.restarted();
    const handle = await second.compute.as(ann).actions.handle(uuid);
    expect(await handle.finished).toMatchObject({ uuid, state: 'succeeded' });
    expect(await handle.result()).toMatchObject({ vmState: 'active' });
    const stranger = second.compute.as(otherProject).actions;
    expect(await failure(stranger.handle(uuid))).toMatchObject({ code: 'ACTION_NOT_FOUND' });
  });

  it('tells no progress where there is nothing to tell', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    const pause = await fixture.compute.as(ann).instances.pause(uuid);
    expect(await fixture.settled(pause.progress())).toBeNull();
  });
});

describe('a list', () => {
  it('is read in pages while it is iterated, from `after` on and up to its limit', async () => {
    await using fixture = await fakeCompute();
    const uuids: string[] = [];
    for (let count = 0; count < 7; count++) uuids.push((await built(fixture, `web-${count}`)).uuid);
    uuids.sort();
    const { instances } = fixture.compute.as(ann);
    const read = async (options?: Parameters<typeof instances.list>[0]): Promise<readonly string[]> => {
      const seen: string[] = [];
      for await (const { uuid } of instances.list(options)) seen.push(uuid);
      return seen;
    };
    expect(await read()).toEqual(uuids);
    expect(await read({ limit: 3 })).toEqual(uuids.slice(0, 3));
    expect(await read({ after: uuids[2], limit: 3 } as never)).toEqual(uuids.slice(3, 6));
    expect(await read({ after: uuids[6] } as never)).toEqual([]);
  });

  it('has the instances in the states that were asked for', async () => {
    await using fixture = await fakeCompute();
    const { uuid } = await built(fixture);
    await built(fixture, 'web-2');
    const { instances } = fixture.compute.as(ann);
    const stop = await instances.stop(uuid, { gracePeriodMs: 0 });
    await fixture.settled(stop.result());
    expect((await instances.list({ vmState: ['stopped'] }).toArray()).map((each) => each.uuid)).toEqual([uuid]);
    expect(await instances.list({ vmState: ['error', 'paused'] }).toArray()).toEqual([]);
  });
});
