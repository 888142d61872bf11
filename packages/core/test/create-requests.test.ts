import { createHash } from 'node:crypto';
import { type CreateRequest, MemoryStore, requestContext } from '@virtkit/core';
import type { ActionParameters, InstanceAction } from '@virtkit/core/store';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, fakeCompute, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';

const { image: describedImage, networkInterfaces: describedInterfaces, ...plain } = createRequest();
const request: CreateRequest = { ...plain, imageId };
const closed = { access: { hostResources: 'operators' } } as const;

describe('what names files and devices of the host', () => {
  const bridge = {
    type: 'bridge',
    bridge: 'br-mgmt',
    id: describedInterfaces?.[0]?.id ?? '',
    macAddress: '52:54:00:00:00:02',
  };
  const named: readonly (readonly [string, object])[] = [
    ['the file of an image', { ...plain, image: describedImage }],
    ['a kernel', { ...plain, image: { id: 'k', name: 'k', location: { kernel: '/boot/vmlinuz' } } }],
    ['a bridge', { ...request, networkInterfaces: [bridge] }],
    [
      'a network of the hypervisor',
      { ...request, networkInterfaces: [{ ...bridge, type: 'network', bridge: undefined, network: 'default' }] },
    ],
    ['the host’s own address', { ...request, networkInterfaces: describedInterfaces }],
    ['no interface, in the words of the host', { ...request, networkInterfaces: [] }],
  ];

  it.each(named)('is an operator’s: %s', async (_what, fields) => {
    await using fake = await providedCompute(closed);
    const asked = JSON.parse(JSON.stringify(fields)) as CreateRequest;
    await expect(fake.compute.api.create(tenant, asked)).rejects.toMatchObject({ code: 'FORBIDDEN', httpStatus: 403 });
    expect(await fake.store.listInstances({})).toEqual([]);
    expect(fake.providerFaults.calls).toEqual([]);
    const { finished } = await fake.settled(fake.compute.api.create(admin, asked));
    expect(await fake.settled(finished)).toMatchObject({ operation: 'build' });
  });

  it('is everybody’s where the configuration says so', async () => {
    await using fake = await providedCompute({ access: { hostResources: 'everybody' } });
    const { finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a request without networks', () => {
  it.each([
    ['the default network', {}, ['user']],
    ['none, when the list is empty', { networks: [] }, []],
    ['those it names', { networks: [{ networkId: 'net-2' }, {}] }, ['user', 'user']],
  ])('gets %s', async (_case, fields, types) => {
    await using fake = await providedCompute(closed);
    const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, { ...request, ...fields }));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    const { networkInterfaces } = await fake.store.getInstance(instance.uuid);
    expect(networkInterfaces.map(({ type }) => type)).toEqual(types);
  });
});

describe('a request that cannot be met', () => {
  it.each([
    ['a flavor with less memory than the image needs', { imageId: 'roomy' }, 'FLAVOR_TOO_SMALL'],
    ['a flavor with a smaller disk than the image needs', { imageId: 'large' }, 'FLAVOR_TOO_SMALL'],
    ['a network that nobody knows', { networks: [{ networkId: 'of-others' }] }, 'NETWORK_NOT_FOUND'],
    ['an image that nobody knows', { imageId: 'of-others' }, 'IMAGE_NOT_FOUND'],
    ['a volume that nobody knows', { volumes: [{ volumeId: 'of-others' }] }, 'VOLUME_NOT_FOUND'],
  ])('is refused before anything is written: %s', async (_case, fields, code) => {
    await using fake = await providedCompute(closed);
    fake.images.add('roomy', { minMemoryMib: 2_048 });
    fake.images.add('large', { minDiskGib: 2 });
    await expect(fake.settled(fake.compute.api.create(tenant, { ...request, ...fields }))).rejects.toMatchObject({
      code,
    });
    expect(await fake.store.listInstances({})).toEqual([]);
    expect(fake.hypervisor.journal.points()).toEqual([]);
  });

  it('is refused as a resize and as a rebuild too', async () => {
    await using fake = await providedCompute(closed);
    fake.images.add('large', { minDiskGib: 1 });
    const { api } = fake.compute;
    const { instance, finished } = await fake.settled(api.create(tenant, { ...request, imageId: 'large' }));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    fake.images.add('larger', { minDiskGib: 9 });
    const small = { name: 'tiny', vcpus: 1, memoryMib: 64, rootDiskGib: 1 };
    await expect(fake.settled(api.repair.rebuild(tenant, instance.uuid, { imageId: 'larger' }))).rejects.toMatchObject({
      code: 'FLAVOR_TOO_SMALL',
    });
    fake.images.add('needy', { minMemoryMib: 128 });
    const rebuilt = await fake.settled(api.repair.rebuild(tenant, instance.uuid, { imageId: 'needy' }));
    expect(await fake.settled(rebuilt.finished)).toMatchObject({ state: 'succeeded' });
    await expect(fake.settled(api.moves.resize(tenant, instance.uuid, { flavor: small }))).rejects.toMatchObject({
      code: 'FLAVOR_TOO_SMALL',
    });
  });
});

describe('a request that is sent again under its idempotency key', () => {
  const key = { idempotencyKey: 'key-1' };
  const again = (): ReturnType<typeof requestContext> => requestContext({ projectId: tenant.projectId, userId: 'ann' });
  const reordered = Object.fromEntries(Object.entries(request).reverse()) as unknown as CreateRequest;

  it.each([
    ['its fields in another order', reordered],
    ['a default written out', { ...request, metadata: {}, volumes: [], flavor: { ...request.flavor, extraSpecs: {} } }],
    ['the default network written out', { ...request, networks: [{}] }],
    ['fields that are undefined', { ...request, uuid: undefined, networks: undefined }],
  ])('is the same with %s', async (_case, second) => {
    await using fake = await providedCompute(closed);
    const first = await fake.settled(fake.compute.api.create(again(), request, key));
    const repeated = await fake.settled(fake.compute.api.create(again(), second, key));
    expect(repeated.action.uuid).toBe(first.action.uuid);
    await fake.settled(repeated.finished);
  });

  it.each([
    ['another name', { ...request, name: 'web-2' }],
    ['another network', { ...request, networks: [{ networkId: 'net-2' }] }],
    ['volumes in another order', { ...request, volumes: [{ volumeId: volumeIds[1] }, { volumeId: volumeIds[0] }] }],
  ])('is another with %s', async (_case, second) => {
    await using fake = await providedCompute(closed);
    const volumes = [{ volumeId: volumeIds[0] }, { volumeId: volumeIds[1] }];
    const first = { ...request, ...('volumes' in second && { volumes }) };
    const { finished } = await fake.settled(fake.compute.api.create(again(), first, key));
    await expect(fake.settled(fake.compute.api.create(again(), second, key))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    await fake.settled(finished);
  });

  it('is the same for every operation: a stop with its usual grace period, said or not', async () => {
    await using fake = await providedCompute(closed);
    const { api } = fake.compute;
    const { instance, finished } = await fake.settled(api.create(tenant, request));
    await fake.settled(finished);
    const first = await fake.settled(api.stop(tenant, instance.uuid, key));
    const usual = { ...key, retryIntervalMs: 10_000, gracePeriodMs: 60_000 };
    expect((await fake.settled(api.stop(tenant, instance.uuid, usual))).action.uuid).toBe(first.action.uuid);
    await fake.settled(first.finished);
    const other = api.stop(tenant, instance.uuid, { ...usual, gracePeriodMs: 0 });
    await expect(fake.settled(other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });
});

/** Answers of one key what the first release would have recorded. */
class FormerRecords extends MemoryStore {
  parameters: ActionParameters = {};

  override async findAction(...call: Parameters<MemoryStore['findAction']>): Promise<InstanceAction | undefined> {
    const action = await super.findAction(...call);
    return action && { ...action, parameters: this.parameters };
  }
}

describe('a request that the first release has accepted under its idempotency key', () => {
  const key = { idempotencyKey: 'key-1' };
  const textDigest = (sent: object): string => createHash('sha256').update(JSON.stringify(sent)).digest('hex');
  const volumes = [{ volumeId: volumeIds[0] }];
  const checkedVolumes = [{ volumeId: volumeIds[0], bus: 'virtio' }];
  const backwards = Object.fromEntries(Object.entries(request).reverse()) as unknown as CreateRequest;

  async function onFormerRecords(): Promise<ProvidedCompute & { readonly store: FormerRecords }> {
    const clock = new VirtualClock();
    const store = new FormerRecords({ now: () => clock.now() });
    return { ...(await providedCompute({ ...closed, clock, store })), store };
  }

  it.each<readonly [string, CreateRequest, ActionParameters]>([
    ['as it was sent', request, {}],
    ['with its fields in an order of its own', backwards, {}],
    ['with networks', { ...request, networks: [{ networkId: 'net-2' }] }, { networks: [{ networkId: 'net-2' }] }],
    ['with volumes', { ...request, volumes }, { volumes: checkedVolumes }],
    ['with no networks, in words', { ...request, networks: [] }, { networks: [] }],
  ])('is the same when it is sent again: a creation %s', async (_case, sent, held) => {
    await using fake = await onFormerRecords();
    const { api } = fake.compute;
    const first = await fake.settled(api.create(tenant, sent, key));
    await fake.settled(first.finished);
    fake.store.parameters = { requestDigest: textDigest(sent), ...held };
    const again = await fake.settled(api.create(tenant, structuredClone(sent), key));
    expect(again.action.uuid).toBe(first.action.uuid);
    for (const other of [
      { ...sent, name: 'web-2' },
      { ...sent, networks: [{}, {}] },
    ]) {
      const answer = api.create(tenant, other, key);
      await expect(fake.settled(answer)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    }
  });

  it.each<readonly [string, 'stop' | 'shelve' | 'rescue', object, object]>([
    ['a stop', 'stop', {}, { gracePeriodMs: 1 }],
    ['a stop with a grace period', 'stop', { gracePeriodMs: 0 }, {}],
    ['a shelve', 'shelve', {}, { retryIntervalMs: 5_000 }],
    ['a rescue with an image', 'rescue', { imageId, retryIntervalMs: 5_000 }, { imageId }],
  ])('is the same when it is sent again: %s', async (_case, operation, sent, different) => {
    await using fake = await onFormerRecords();
    const { api } = fake.compute;
    const { instance, finished } = await fake.settled(api.create(tenant, request));
    await fake.settled(finished);
    const ask = {
      stop: (wish: object) => api.stop(tenant, instance.uuid, { ...wish, ...key }),
      shelve: (wish: object) => api.images.shelve(tenant, instance.uuid, wish, key),
      rescue: (wish: object) => api.repair.rescue(tenant, instance.uuid, wish, key),
    }[operation];
    const first = await fake.settled(ask(sent));
    await fake.settled(first.finished);
    fake.store.parameters = { ...sent };
    expect((await fake.settled(ask(sent))).action.uuid).toBe(first.action.uuid);
    await expect(fake.settled(ask(different))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });
});

describe('a stop', () => {
  it.each([
    ['asks the guest first', {}, {}, ['askToStop']],
    ['asks the guest as long as the configuration says', { shutdownTimeoutMs: 5_000 }, {}, ['askToStop']],
    ['does not ask when the configuration says so', { shutdownTimeoutMs: 0 }, {}, ['stop']],
    ['does not ask when the request says so', {}, { gracePeriodMs: 0 }, ['stop']],
  ])('%s', async (_case, configuration, options, steps) => {
    await using fake = await providedCompute({ ...closed, ...configuration });
    const { api } = fake.compute;
    const { instance, finished } = await fake.settled(api.create(tenant, request));
    await fake.settled(finished);
    fake.hypervisor.journal.clear();
    const stopped = await fake.settled(api.stop(tenant, instance.uuid, options));
    expect(await fake.settled(stopped.finished)).toMatchObject({ state: 'succeeded' });
    const asked = fake.hypervisor.journal.points().filter(({ at }) => at === 'askToStop' || at === 'stop');
    expect([...new Set(asked.map(({ at }) => at))]).toEqual(steps);
  });
});

describe('a uuid that a provider still knows of another build, whose record is lost', () => {
  const [volumeId] = volumeIds;
  const own = { networks: [{ networkId: 'net-2' }] };
  const uuid = '11111111-2222-4333-8444-999999999999';

  it.each<readonly [string, Partial<CreateRequest>, Partial<CreateRequest>]>([
    ['one interface', { networks: [{}] }, { networks: [{}] }],
    ['interfaces of other networks', { networks: [{}, {}] }, own],
    ['an interface beside a volume', { networks: [{}], volumes: [{ volumeId }] }, { networks: [{}] }],
  ])('is refused, and neither its build nor its delete takes anything from the guest: %s', async (_, had, wish) => {
    await using first = await providedCompute();
    const built = await first.settled(first.compute.api.create(tenant, { ...request, uuid, ...had }));
    expect(await first.settled(built.finished)).toMatchObject({ state: 'succeeded' });
    const { clock, hypervisor, images, networks, volumes } = first;
    const [interfaceIds, attachment] = [networks.idsOf(uuid), volumes.attachmentOf(volumeId)];
    const { guest, devices } = hypervisor.look(uuid);
    await first.settled(first.compute.close());

    const store = new MemoryStore({ now: () => clock.now() });
    await using fake = await fakeCompute({ clock, hypervisor, store, images, networks, volumes });
    const unharmed = (): void => {
      expect(networks.idsOf(uuid)).toEqual(interfaceIds);
      expect(volumes.attachmentOf(volumeId)).toEqual(attachment);
      expect(hypervisor.look(uuid)).toMatchObject({ guest: { state: guest?.state, life: guest?.life }, devices });
    };
    const again = await fake.settled(fake.compute.api.create(tenant, { ...request, uuid, ...wish }));
    const failure = { code: 'INSTANCE_EXISTS' };
    expect(await fake.settled(again.finished)).toMatchObject({ state: 'failed', failure });
    unharmed();
    const deleted = await fake.settled(fake.compute.api.delete(tenant, uuid));
    expect(await fake.settled(deleted.finished)).toMatchObject({ state: 'succeeded' });
    unharmed();
  });
});
