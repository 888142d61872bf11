import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isComputeError, MemoryStore, operations, type CreateRequest, type InstanceAction } from '@virtkit/core';
import { newInstance, type ComputeStore } from '@virtkit/core/store';
import type { InstanceSpec } from '@virtkit/core/driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BootSectorHost } from './support/boot-sector-host.js';
import { admin, ended, HOST_NAME, realCompute, tenant, type RealCompute } from './support/real-compute.js';

const actionUuid = '22222222-2222-4222-8222-222222222222';

describe('the generation of a guest on libvirt', () => {
  let on: BootSectorHost;
  let instance: InstanceSpec;

  beforeAll(async () => {
    on = await BootSectorHost.start();
  });

  afterAll(() => on[Symbol.asyncDispose]());

  const compute = (store?: ComputeStore): Promise<RealCompute> => realCompute(on.host.configuration(), store);
  const request = ({ uuid, name, flavor, image }: InstanceSpec): CreateRequest => ({ uuid, name, flavor, image });
  const domainId = (): Promise<string> => on.host.virsh('domid', instance.uuid);
  const diskInode = async (): Promise<number> => (await stat(on.fileOf(instance, 'disk'))).ino;

  /** A guest that runs, built by a manager whose records are lost afterwards. */
  async function withoutRecord(): Promise<void> {
    instance = on.instance();
    await using real = await compute();
    const built = await ended(real.compute.api.create(tenant, request(instance)));
    expect(built, JSON.stringify(built.failure)).toMatchObject({ state: 'succeeded' });
  }

  async function removed(): Promise<void> {
    await on.host.virsh('destroy', instance.uuid).catch(() => '');
    await on.host.virsh('undefine', instance.uuid).catch(() => '');
    await rm(join(on.host.directory, 'instances', instance.uuid), { recursive: true, force: true });
  }

  it('keeps a second record of its uuid from it: build, hard reboot, consoles and delete touch and show nothing', async () => {
    await withoutRecord();
    const before = [await domainId(), await diskInode()];
    await using real = await compute(new MemoryStore());
    const { api } = real.compute;
    const build = await ended(api.create(tenant, request(instance)));
    expect(build).toMatchObject({ state: 'failed', failure: { code: 'INSTANCE_EXISTS' } });
    expect(await ended(api.reboot(tenant, instance.uuid, 'HARD'))).toMatchObject({ state: 'failed' });
    const shown = await api.getConsoleOutput(tenant, instance.uuid).catch((failure: unknown) => failure);
    expect(isComputeError(shown, 'GUEST_LOST'), String(shown)).toBe(true);
    expect(await api.get(tenant, instance.uuid)).toMatchObject({ vmState: 'error', powerState: 'NOSTATE' });
    expect(await ended(api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
    expect([await domainId(), await diskInode()]).toEqual(before);
    await removed();
  });

  it('keeps it from the disk as well, when the guest is lost', async () => {
    await withoutRecord();
    const before = await diskInode();
    await on.host.virsh('destroy', instance.uuid);
    await on.host.virsh('undefine', instance.uuid);
    await using real = await compute(new MemoryStore());
    const { api } = real.compute;
    expect(await ended(api.create(tenant, request(instance)))).toMatchObject({ failure: { code: 'INSTANCE_EXISTS' } });
    expect(await ended(api.reboot(tenant, instance.uuid, 'HARD'))).toMatchObject({ state: 'failed' });
    expect(await ended(api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
    expect(await diskInode()).toBe(before);
    expect(await on.host.domainNames()).toEqual([]);
    await removed();
  });

  it('is given to a guest from before generations, and to its record, by the next hard reboot', async () => {
    instance = on.instance();
    const store = await recordWithoutGeneration(instance, { projectId: tenant.projectId });
    const driver = await on.driver();
    await driver.spawn({ instance });
    await driver.cleanupHost({});
    await using real = await compute(store);
    const { api } = real.compute;
    expect(await ended(api.pause(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
    const reboot = await ended(api.reboot(tenant, instance.uuid, 'HARD'));
    expect(reboot).toMatchObject({ state: 'succeeded' });
    expect(await store.getInstance(instance.uuid)).toMatchObject({ generation: reboot.uuid });
    expect(await on.host.virsh('dumpxml', instance.uuid)).toContain(
      `<virtkit:generation>${reboot.uuid}</virtkit:generation>`,
    );
    expect(await readFile(on.fileOf(instance, 'generation'), 'utf8')).toBe(`${reboot.uuid}\n`);
    expect(await ended(api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
    expect(await on.host.domainNames()).toEqual([]);
  });

  it('lets the next manager finish a build whose process died when the guest already ran', async () => {
    instance = on.instance({ generation: actionUuid });
    const store = await recordOfBuild(instance);
    const driver = await on.driver();
    await driver.spawn({ instance });
    await driver.cleanupHost({});
    await using real = await compute(store);
    const record = await store.getInstance(instance.uuid);
    expect(record).toMatchObject({ vmState: 'active', powerState: 'RUNNING', taskState: null });
    expect(record.launchedAtMs).toBeTypeOf('number');
    expect(await store.getAction(actionUuid)).toMatchObject({ state: 'succeeded' });
    expect(await ended(real.compute.api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
    expect(await on.host.domainNames()).toEqual([]);
  });

  it('puts the death of QEMU on record, with a fault and the event that told of it', async () => {
    instance = on.instance();
    await using real = await compute();
    const { api, events, operator } = real.compute;
    await ended(api.create(tenant, request(instance)));
    const changed = Promise.withResolvers<void>();
    events.on('instance.changed', ({ uuid, vmState }) => {
      if (uuid === instance.uuid && vmState === 'stopped') changed.resolve();
    });
    process.kill(await qemuOf(instance.uuid), 'SIGKILL');
    await changed.promise;
    expect(await api.listFaults(tenant, instance.uuid)).toMatchObject([{ code: 'GUEST_CRASHED' }]);
    expect(await operator.listEvents(admin, instance.uuid)).toMatchObject([
      { name: 'compute_lifecycle_event_crashed', result: 'Error' },
    ]);
    expect(await ended(api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
  });

  it('tells of a guest that was undefined behind the manager’s back, and a rebuild makes a new one', async () => {
    instance = on.instance();
    await using real = await compute();
    const { api } = real.compute;
    await ended(api.create(tenant, request(instance)));
    await on.host.virsh('destroy', instance.uuid);
    await on.host.virsh('undefine', instance.uuid);
    const paused = await ended(api.suspend(tenant, instance.uuid)).catch((failure: unknown) => failure);
    const { vmState, powerState } = await api.get(tenant, instance.uuid);
    // The event of its end may have come first.
    if (!isComputeError(paused, 'INSTANCE_INVALID_STATE')) {
      expect(paused).toMatchObject({ state: 'failed', failure: { code: 'GUEST_LOST' } });
      expect({ vmState, powerState }).toEqual({ vmState: 'error', powerState: 'NOSTATE' });
    }
    expect(await ended(api.delete(tenant, instance.uuid))).toMatchObject({ state: 'succeeded' });
  });
});

async function recordWithoutGeneration(
  spec: InstanceSpec,
  owner: { readonly projectId: string },
): Promise<ComputeStore> {
  const store = new MemoryStore();
  const record = newInstance({ ...spec, ...owner, host: HOST_NAME, taskState: null, taskOwner: null }, Date.now());
  const patch = { vmState: 'active', powerState: 'RUNNING' } as const;
  await store.commit([
    { write: 'create-instance', instance: record },
    { write: 'update-instance', uuid: spec.uuid, patch, guard: {} },
  ]);
  return store;
}

/** The records of a build, as a process leaves them that dies after it has asked for the guest. */
async function recordOfBuild(spec: InstanceSpec): Promise<ComputeStore> {
  const store = new MemoryStore();
  const { projectId, userId } = tenant;
  const hold = { host: HOST_NAME, taskState: 'spawning', taskOwner: actionUuid } as const;
  const action: InstanceAction = {
    uuid: actionUuid,
    instanceUuid: spec.uuid,
    name: operations.build.action,
    operation: 'build',
    parameters: {},
    requestId: 'req-1',
    userId,
    projectId,
    idempotencyKey: null,
    priority: 'normal',
    state: 'running',
    host: HOST_NAME,
    epoch: 1,
    acceptedAtMs: 1,
    startedAtMs: 1,
    finishedAtMs: null,
    deadlineAtMs: null,
    cancelRequestedAtMs: null,
    progress: null,
    result: null,
    failure: null,
  };
  await store.commit([
    { write: 'create-instance', instance: newInstance({ ...spec, projectId, userId, ...hold }, Date.now()) },
    { write: 'create-action', action },
  ]);
  return store;
}

/** The process of the guest. */
async function qemuOf(uuid: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^[0-9]+$/u.test(pid)) continue;
    const commandLine = await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '');
    if (commandLine.includes(`guest=virtkit-${uuid}`)) return Number(pid);
  }
  throw new Error(`no process has the guest of ${uuid}`);
}
