import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStore } from '@virtkit/store-sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EarlierRelease } from '../../../test/earlier-release.js';
import { writeBootSector } from './support/boot-sector.js';
import { admin, ended, HOST_NAME, realCompute, tenant, type RealCompute } from './support/real-compute.js';
import { RealHost } from './support/real-host.js';

/** The first release that anybody may have guests of. */
const COMMIT = '405c98b';

/** What that release is made to leave: instances in every state it knows, and two actions in the middle, when it is killed. */
const program = `
import { createCompute, requestContext, silentLog } from '@virtkit/core';
import { libvirtDriver } from '@virtkit/driver-libvirt';
import { openSqliteStore } from '@virtkit/store-sql';

const { path, configuration, host, disk } = JSON.parse(process.argv[2]);
const store = await openSqliteStore({ path });
const driver = { name: 'libvirt', configuration };
const compute = await createCompute({ host, drivers: [libvirtDriver], driver, store, log: silentLog });
const tenant = requestContext({ projectId: 'project-1', userId: 'user-1' });
const flavor = { name: 'tiny', vcpus: 1, memoryMib: 16 };
const uuids = {};
async function build(name, location = disk) {
  const image = { id: 'boot-sector', name: 'boot sector', diskFormat: 'raw', location: { disk: location } };
  const { action, finished } = await compute.api.create(tenant, { name, flavor, image });
  uuids[name] = action.instanceUuid;
  return (await finished).state;
}
async function after(name, operation) {
  const state = await build(name);
  const { finished } = await compute.api[operation](tenant, uuids[name]);
  return state + ' ' + (await finished).state;
}
const states = {
  active: await build('active'),
  stopped: await after('stopped', 'stop'),
  paused: await after('paused', 'pause'),
  suspended: await after('suspended', 'suspend'),
  error: await build('error', disk + '.missing'),
  rebooting: await build('rebooting'),
  deleting: await build('deleting'),
};
await compute.api.reboot(tenant, uuids.rebooting, 'HARD');
await compute.api.delete(tenant, uuids.deleting);
process.stdout.write(JSON.stringify({ uuids, states }) + '\\n');
setInterval(() => undefined, 1_000);
`;

const foreign = `<domain type='qemu'><name>foreign</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>`;

describe(`a file and guests that release ${COMMIT} has left`, () => {
  let host: RealHost;
  let store: SqliteStore;
  let real: RealCompute;
  let uuids: Readonly<Record<string, string>>;

  beforeAll(async () => {
    host = await RealHost.start();
    const disk = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(disk);
    await writeFile(join(host.directory, 'foreign.xml'), foreign);
    await host.virsh('define', join(host.directory, 'foreign.xml'));
    await using release = await EarlierRelease.of(COMMIT, program);
    const path = join(host.directory, 'records.db');
    const configuration = {
      socketPath: host.daemon.socketPath,
      stateDirectory: join(host.directory, 'instances'),
      imageDirectories: [host.daemon.imagesDirectory],
      virtType: 'qemu',
    };
    const left = JSON.parse(
      await release.runAndKill([JSON.stringify({ path, configuration, host: HOST_NAME, disk })]),
    ) as { readonly uuids: Record<string, string>; readonly states: Record<string, string> };
    expect(left.states).toEqual({
      active: 'succeeded',
      stopped: 'succeeded succeeded',
      paused: 'succeeded succeeded',
      suspended: 'succeeded succeeded',
      error: 'failed',
      rebooting: 'succeeded',
      deleting: 'succeeded',
    });
    ({ uuids } = left);
    store = await openSqliteStore({ path });
    real = await realCompute(host.configuration(), store);
    await real.compute.recovered();
  });

  afterAll(async () => {
    await real[Symbol.asyncDispose]();
    await store.close();
    await host[Symbol.asyncDispose]();
  });

  const uuidOf = (name: string): string => uuids[name] ?? '';
  const vmStateOf = async (name: string): Promise<string> => (await store.getInstance(uuidOf(name))).vmState;
  const succeeds = async (call: ReturnType<RealCompute['compute']['api']['start']>): Promise<void> => {
    expect(await ended(call)).toMatchObject({ state: 'succeeded' });
  };

  it('are all there, as they were, and what was in the middle has come to its end', async () => {
    const states = await Promise.all(
      ['active', 'stopped', 'paused', 'suspended', 'error', 'rebooting', 'deleting'].map(vmStateOf),
    );
    expect(states).toEqual(['active', 'stopped', 'paused', 'suspended', 'error', 'active', 'deleted']);
    const { quarantined, busy, unknownGuests } = await real.compute.operator.health(admin);
    expect([quarantined, busy, unknownGuests]).toEqual([[], [], []]);
    expect(await host.virsh('list', '--state-running', '--uuid')).toContain(uuidOf('active'));
  });

  it('do everything that is asked of them', async () => {
    const { api } = real.compute;
    await succeeds(api.reboot(tenant, uuidOf('active'), 'HARD'));
    await succeeds(api.start(tenant, uuidOf('stopped')));
    await succeeds(api.unpause(tenant, uuidOf('paused')));
    await succeeds(api.resume(tenant, uuidOf('suspended')));
    for (const name of ['active', 'stopped', 'paused', 'suspended', 'rebooting']) {
      expect([name, await vmStateOf(name)]).toEqual([name, 'active']);
      await succeeds(api.forceStop(tenant, uuidOf(name)));
      await succeeds(api.start(tenant, uuidOf(name)));
    }
  });

  it('are deleted one by one, and nothing of anybody else is touched', async () => {
    for (const name of ['active', 'stopped', 'paused', 'suspended', 'error', 'rebooting']) {
      await succeeds(real.compute.api.delete(tenant, uuidOf(name)));
    }
    expect(await host.domainNames()).toEqual(['foreign']);
    await host.virsh('undefine', 'foreign');
  });
});
