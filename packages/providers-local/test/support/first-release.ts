/** The first release that anybody may have directories of. */
export const COMMIT = '405c98b';

/** What that release is given: where its files go, a disk to make images of, and the uuids that its instances get. */
export interface Leaving {
  readonly directory: string;
  readonly disk: string;
  readonly uuids: Readonly<Record<'running' | 'shelved' | 'building' | 'attaching' | 'snapshotting', string>>;
}

/** What it says before it is killed. */
export interface Left {
  readonly imageId: string;
  /** How the actions that it has finished ended. */
  readonly states: readonly string[];
  /** Of the creation that was sent with an idempotency key. */
  readonly actionUuid: string;
}

/**
 * A manager of that release on SQLite and the local providers: an instance that runs, one that is shelved, and three with an action in the middle
 * (a build whose volume is connected, a volume that is attached as far as the provider, a snapshot whose bytes are written).
 */
export const program = `
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCompute, requestContext, silentLog } from '@virtkit/core';
import { systemClock } from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { LocalImages, LocalNetworks, LocalVolumes } from '@virtkit/providers-local';
import { openSqliteStore } from '@virtkit/store-sql';

const { directory, disk, uuids } = JSON.parse(process.argv[2]);
const store = await openSqliteStore({ path: join(directory, 'records.sqlite') });
const local = await LocalImages.open({ directory: join(directory, 'images'), isInUse: async () => false });
const networks = await LocalNetworks.open({
  directory: join(directory, 'networks'),
  defaultNetworkId: 'outside',
  networks: [{ id: 'outside', type: 'user' }],
});
const volumes = await LocalVolumes.open({ directory: join(directory, 'volumes'), hosts: ['host-1'] });
const hypervisor = new FakeHypervisor({ clock: systemClock, hypervisorHostname: 'host-1' });
const { id: imageId } = await local.addImage({ name: 'debian', diskFormat: 'qcow2', disk: { file: disk } });
for (const id of ['first', 'second', 'third', 'fourth']) {
  await volumes.createVolume({ id, name: id, projectId: 'acme', sizeMib: 1 });
}

/** The same object, but for some of its methods. */
function except(target, methods) {
  return new Proxy(target, {
    get: (_, name) => methods[name] ?? (typeof target[name] === 'function' ? target[name].bind(target) : target[name]),
  });
}
const never = new Promise(() => undefined);
const reached = new Set();
let allReached;
const middles = new Promise((resolve) => (allReached = resolve));
function stand(at) {
  reached.add(at);
  if (reached.size === 3) allReached();
  return never;
}
const targets = new Map();
const images = except(local, {
  async beginImage(image, options) {
    const target = await local.beginImage(image, options);
    targets.set(image.imageId, { ...target, of: image.instanceUuid });
    return target;
  },
  // The simulator writes no bytes.
  async finishImage(imageId, options) {
    const { path, of } = targets.get(imageId);
    await copyFile(disk, path);
    if (of === uuids.snapshotting) return await stand('snapshot');
    return await local.finishImage(imageId, options);
  },
});
const standing = except(volumes, {
  async connect(volumeId, holder, options) {
    const connected = await volumes.connect(volumeId, holder, options);
    if (holder.instanceUuid === uuids.building || volumeId === 'fourth') return await stand(volumeId);
    return connected;
  },
});
const compute = await createCompute({
  host: 'host-1',
  store,
  images,
  networks,
  volumes: standing,
  log: silentLog,
  session: { leaseMs: 2_000 },
  drivers: [fakeDriver],
  driver: { name: 'fake', configuration: { hypervisor } },
});
const tenant = requestContext({ projectId: 'acme', userId: 'ann' });
const flavor = { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 };
const states = [];
async function create(name, volumeIds, options) {
  const wish = { uuid: uuids[name], name, flavor, imageId, networks: [{}] };
  const request = { ...wish, volumes: volumeIds.map((volumeId) => ({ volumeId })) };
  return await compute.api.create(tenant, request, options);
}
async function end({ finished }) {
  states.push((await finished).state);
}
const { action, finished } = await create('running', ['first'], { idempotencyKey: 'once' });
await end({ finished });
await end(await create('shelved', ['second']));
await end(await compute.api.images.shelve(tenant, uuids.shelved));
await end(await create('attaching', []));
await end(await create('snapshotting', []));
await create('building', ['third']);
await compute.api.volumes.attach(tenant, uuids.attaching, { volumeId: 'fourth' });
await compute.api.images.snapshot(tenant, uuids.snapshotting, { name: 'half' });
await middles;
process.stdout.write(JSON.stringify({ imageId, states, actionUuid: action.uuid }) + '\\n');
setInterval(() => undefined, 1_000);
`;
