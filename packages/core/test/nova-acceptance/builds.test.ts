import {
  computeErrors,
  ComputeError,
  type ComputeErrorCode,
  type CreateRequest,
  type ExternalEvent,
  type RequestContext,
  type TenantAction,
} from '@virtkit/core';
import {
  FakeHypervisorError,
  type Fault,
  type HypervisorRefusal,
  type HypervisorStep,
  type Operation,
} from '@virtkit/driver-fake';
import { describe, expect, it, vi } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { brokenBelongings } from '../support/belongings-promises.js';
import { admin, createRequest, tenant } from '../support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from '../support/memory-providers.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, ownerContext, tenantText, toldOf } from '../support/running-instance.js';

const [volumeId] = volumeIds;

/** A build with an image, an interface and a volume of the providers. */
function request(fields: Partial<CreateRequest> = {}): CreateRequest {
  const { image: _image, networkInterfaces: _described, ...described } = createRequest({ uuid: instanceUuid });
  return { ...described, imageId, networks: [{}], volumes: [{ volumeId }], ...fields };
}

type Trouble = (fake: ProvidedCompute) => unknown;

/** What Nova knows as exceptions of the claim, the providers and the driver are errors of one table here; each comes from where it would. */
const nothing: Trouble = () => undefined;

function fails(at: Operation, fault: Fault): Trouble {
  return ({ hypervisor }) => hypervisor.faults.add({ at, fault });
}

function spawnThrows(error: unknown): Trouble {
  return fails('spawn', { type: 'throw', error });
}

function refuses(at: HypervisorStep, refusal: HypervisorRefusal): Trouble {
  const error = new FakeHypervisorError(refusal, foreignError().message, 'disk', { imageId });
  return fails(at, { type: 'throw', error });
}

function providerThrows(at: string, error: unknown): Trouble {
  return ({ providerFaults }) => providerFaults.add({ at, fault: { type: 'throw', error } });
}

/** The network gives interfaces that are not ready, and says of them what is to be told, or nothing. */
function notReady(news?: ExternalEvent['status']): Trouble {
  return ({ compute, networks }) => {
    const allocate = networks.allocate.bind(networks);
    vi.spyOn(networks, 'allocate').mockImplementation(async (...args) => {
      const given = await allocate(...args);
      const event = { name: 'network-vif-plugged', instanceUuid } as const;
      if (news) for (const { id: tag } of given) compute.deliver({ ...event, tag, status: news });
      return given.map((each) => ({ ...each, status: 'down' as const }));
    });
  };
}

/** What only the driver sees, such as a disk that is larger than its image's record says. */
function tooSmall(resource: 'disk' | 'memory'): ComputeError {
  return new ComputeError('FLAVOR_TOO_SMALL', { resource, requiredMib: 2_048, offeredMib: 1_024 });
}

function unacceptable(reason: 'format' | 'checksum' | 'not active'): ComputeError {
  return new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason });
}

const ofOthers = new ComputeError('NETWORK_NOT_FOUND', { networkId: 'of-others' });
const noPorts = new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'ports' });
const unplugged = new ComputeError('NETWORK_UNAVAILABLE', { networkId: 'net-1' });
const noSuchSecret = new ComputeError('NOT_SUPPORTED', {
  capability: 'encrypted volumes',
  reason: 'this guest cannot do it',
});
const badOption = new ComputeError('INVALID_INPUT', { field: 'flavor.vcpus', value: '7', accepted: 'at most 4' });
const taken = new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'in use' });
const huge = { name: 'huge', vcpus: 1, memoryMib: 60_000_000, rootDiskGib: 1 };

/** A failure of Nova's, in the order of its table; what it is here; how it comes about; the request, where it matters. */
type Row = readonly [title: string, code: ComputeErrorCode, trouble: Trouble, fields?: Partial<CreateRequest>];

/** Where Nova tries another host: there is one here, and the build ends. */
const elsewhere: readonly Row[] = [
  ['B2: ComputeResourcesUnavailable at the claim', 'INSUFFICIENT_RESOURCES', nothing, { flavor: huge }],
  ['B3: ComputeResourcesUnavailable at the spawn', 'INSUFFICIENT_RESOURCES', refuses('createDisk', 'no-space')],
  ['B24: an exception nobody knows, at the spawn', 'INTERNAL', spawnThrows(foreignError())],
  ['B25: the hypervisor does not answer', 'HYPERVISOR_UNAVAILABLE', refuses('createDisk', 'unreachable')],
  ['B26: the hypervisor refuses the guest', 'GUEST_OPERATION_FAILED', refuses('define', 'refused')],
  ['B27: the guest does not start', 'GUEST_START_FAILED', refuses('start', 'cannot-start')],
  ['B28: the guest dies as it starts', 'GUEST_START_FAILED', fails('start', { type: 'crash-guest' })],
  ['B29: the driver hangs', 'DEADLINE_EXCEEDED', fails('spawn', { type: 'hang', until: 'abort' })],
];

/** Where Nova tells the tenant nothing but a generic text. */
const generic: readonly Row[] = [
  ['B8: ExternalNetworkAttachForbidden', 'NETWORK_NOT_FOUND', providerThrows('networks.allocate', ofOthers)],
  ['B9: VirtualInterfaceCreate, refused', 'VIF_PLUG_FAILED', refuses('plugVif', 'refused')],
  ['B10: VirtualInterfaceCreate, said by the network', 'VIF_PLUG_FAILED', notReady('failed')],
  ['B11: VirtualInterfaceCreate, not in time', 'VIF_PLUG_TIMEOUT', notReady()],
  ['B12: VirtualInterfaceMacAddress', 'INVALID_INPUT', providerThrows('networks.allocate', badOption)],
  [
    'B13: FixedIpInvalidOnHost, UnableToAutoAllocateNetwork',
    'NETWORK_UNAVAILABLE',
    providerThrows('networks.allocate', unplugged),
  ],
  ['B22: an exception nobody knows, of the networks', 'INTERNAL', providerThrows('networks.allocate', foreignError())],
  ['B23: an exception nobody knows, of the volumes', 'INTERNAL', providerThrows('volumes.connect', foreignError())],
];

/** Where Nova tells the cause. */
const told: readonly Row[] = [
  ['B7: NoMoreFixedIps', 'INSUFFICIENT_RESOURCES', providerThrows('networks.allocate', noPorts)],
  ['B14: FlavorDiskTooSmall', 'FLAVOR_TOO_SMALL', spawnThrows(tooSmall('disk'))],
  ['B15: FlavorMemoryTooSmall', 'FLAVOR_TOO_SMALL', spawnThrows(tooSmall('memory'))],
  ['B16: ImageNotActive', 'IMAGE_UNACCEPTABLE', spawnThrows(unacceptable('not active'))],
  ['B17: ImageUnacceptable, InvalidDiskFormat', 'IMAGE_UNACCEPTABLE', spawnThrows(unacceptable('format'))],
  ['B18: InvalidDiskInfo', 'IMAGE_UNACCEPTABLE', refuses('createDisk', 'bad-image')],
  [
    'B19: SignatureVerificationError, CertificateValidationFailed',
    'IMAGE_UNACCEPTABLE',
    spawnThrows(unacceptable('checksum')),
  ],
  ['B20: VolumeEncryptionNotSupported', 'NOT_SUPPORTED', spawnThrows(noSuchSecret)],
  ['B21a: InvalidInput', 'INVALID_INPUT', spawnThrows(badOption)],
  ['B21b: OverQuota', 'INSUFFICIENT_RESOURCES', providerThrows('volumes.reserve', noPorts)],
  ['B21c: InvalidBDM', 'VOLUME_UNAVAILABLE', providerThrows('volumes.reserve', taken)],
  ['B21d: the image is gone from the host', 'IMAGE_NOT_FOUND', refuses('createDisk', 'no-image')],
];

/** A build that has failed: a known state, one failure for everybody who may know of it, and nothing left anywhere. */
async function expectFailed(fake: ProvidedCompute, context: RequestContext, built: TenantAction): Promise<void> {
  const { operator, api } = fake.compute;
  const { failure } = built;
  const instance = await fake.store.getInstance(instanceUuid);
  expect(instance).toMatchObject({ vmState: 'error', powerState: 'NOSTATE', taskState: null, taskOwner: null });
  expect(instance).toMatchObject({ networkInterfaces: [], blockDevices: [] });
  expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
  expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  expect(await operator.hostUsage(admin)).toMatchObject({ used: { vcpus: 0, memoryMib: 0, diskGib: 0 } });

  expect(await api.listFaults(tenant, instanceUuid)).toMatchObject([failure]);
  expect(await operator.listEvents(admin, built.uuid)).toMatchObject([{ result: 'Error', failure }]);
  const news = (await toldOf(fake, context)).toSorted();
  const isAlarm = failure !== null && computeErrors[failure.code].atFault !== 'caller';
  expect(news).toEqual([...(isAlarm ? ['compute.exception'] : []), 'instance.create.error', 'instance.create.start']);
  expect(await tenantText(fake)).not.toContain('libvirtd');
  expect(await endedAsPromised(fake, api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
}

describe('Nova’s acceptance cases: builds that fail', () => {
  const rows = [
    ...elsewhere.map((row) => [row, ' (Nova: elsewhere, or in error with the raw text)'] as const),
    ...generic.map((row) => [row, ' (Nova: a generic text)'] as const),
    ...told.map((row) => [row, ''] as const),
  ].map(([row, nova]) => [`${row[0]}: in error with ${row[1]}, nothing left${nova}`, row] as const);

  it.each(rows)('%s', async (_title, [, code, trouble, fields = {}]) => {
    await using fake = await providedCompute();
    await trouble(fake);
    const context = ownerContext();
    const built = await endedAsPromised(fake, fake.compute.api.create(context, request(fields)));
    expect(built).toMatchObject({ state: 'failed', failure: { code } });
    await expectFailed(fake, context, built);
  });

  it('B30: a clean-up that fails too does not hide why (Nova: the raw text of why)', async () => {
    await using fake = await providedCompute();
    refuses('start', 'cannot-start')(fake);
    for (const at of ['undefine', 'destroy'] as const) fails(at, { type: 'throw', error: foreignError() })(fake);
    const built = await endedAsPromised(fake, fake.compute.api.create(tenant, request()));
    expect(built).toMatchObject({ state: 'failed', failure: { code: 'GUEST_START_FAILED' } });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'error', taskState: null });
    // What the guest may still use is given back with the guest, by the delete.
    expect(await endedAsPromised(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
  });

  it('B31: an answer that was lost is looked for: the guest runs (Nova: built once more, elsewhere)', async () => {
    await using fake = await providedCompute();
    fails('spawn', { type: 'lose-answer' })(fake);
    const built = await endedAsPromised(fake, fake.compute.api.create(tenant, request()));
    expect(built).toMatchObject({ state: 'succeeded', failure: null });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
  });
});

describe('Nova’s acceptance cases: builds that somebody ends', () => {
  const slow = { type: 'delay', delayMs: 10_000 } as const;
  const slowed: readonly (readonly [title: string, Trouble])[] = [
    ['B1: UnexpectedTaskState at the first save', nothing],
    [
      'B5a: UnexpectedDeletingTaskState in networking',
      ({ providerFaults }) => providerFaults.add({ at: 'networks.allocate', fault: slow }),
    ],
    [
      'B5b: UnexpectedDeletingTaskState in block_device_mapping',
      ({ providerFaults }) => providerFaults.add({ at: 'volumes.connect', fault: slow }),
    ],
    ['B5c: UnexpectedDeletingTaskState in spawning', fails('spawn', slow)],
  ];

  it.each(slowed)('%s: a delete overtakes it and leaves nothing', async (title, trouble) => {
    await using fake = await providedCompute();
    trouble(fake);
    const context = ownerContext();
    const building = await fake.compute.api.create(context, request());
    if (!title.startsWith('B1:')) await fake.clock.advance(1_000);
    expect(await endedAsPromised(fake, fake.compute.api.delete(tenant, instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    expect(await fake.settled(building.finished)).toMatchObject({ state: 'cancelled' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'deleted', taskState: null });
    expect(await brokenBelongings(fake, instanceUuid)).toEqual([]);
    expect(fake.hypervisor.look(instanceUuid)).toMatchObject({ guest: undefined, disks: [], vifs: [] });
  });

  it('B6: BuildAbort, as when its owner cancels it: in error, nothing left', async () => {
    await using fake = await providedCompute();
    fails('spawn', slow)(fake);
    const context = ownerContext();
    const building = await fake.compute.api.create(context, request());
    await fake.clock.advance(1_000);
    await fake.compute.api.cancel(tenant, building.action.uuid);
    const built = await fake.settled(building.finished);
    expect(built).toMatchObject({ state: 'cancelled', failure: { code: 'ABORTED' } });
    await expectFailed(fake, context, built);
  });
});
