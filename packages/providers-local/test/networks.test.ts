import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { LocalNetworks, type LocalNetworksOptions } from '@virtkit/providers-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeMacAddress } from '../src/networks/mac-address.js';
import { damagedRecords } from './support/damaged-records.js';
import { rejectionOf } from './support/rejection-of.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const web = '11111111-2222-4333-8444-555555555555';
const db = '11111111-2222-4333-8444-666666666666';

let directory: TemporaryDirectory;
let networks: LocalNetworks;

beforeEach(async () => {
  directory = await TemporaryDirectory.make();
  networks = await open();
});
afterEach(async () => {
  await networks.close();
  await directory[Symbol.asyncDispose]();
});

async function open(options: Partial<LocalNetworksOptions> = {}): Promise<LocalNetworks> {
  return await LocalNetworks.open({
    directory: directory.path,
    defaultNetworkId: 'outside',
    networks: [
      { id: 'outside', type: 'user' },
      { id: 'lan', type: 'bridge', bridge: 'br0', mtuBytes: 1400, hosts: ['host-1', 'host-2'] },
      { id: 'private', type: 'network', network: 'default', projectIds: ['acme'] },
    ],
    ...options,
  });
}

const of = (instanceUuid: string) => ({ instanceUuid });
const allocation = (instanceUuid: string, ...requests: { networkId?: string; macAddress?: string }[]) => ({
  instanceUuid,
  projectId: 'acme',
  host: 'host-1',
  requests,
});

describe('the interfaces of an instance', () => {
  it('are as the networks are configured, in the order of the requests', async () => {
    const asked = allocation(web, { networkId: 'lan' }, {}, { networkId: 'private' });
    const [lan, outside, own] = await networks.allocate(asked);
    expect(lan).toMatchObject({ type: 'bridge', bridge: 'br0', mtuBytes: 1400, status: 'active' });
    expect(outside).toEqual({ type: 'user', id: outside!.id, macAddress: outside!.macAddress, status: 'active' });
    expect(own).toMatchObject({ type: 'network', network: 'default' });
    for (const each of [lan, outside, own]) {
      expect(each!.macAddress).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
      expect(each!.id).toMatch(/^[0-9a-f]{8}-/);
    }
  });

  it('are allocated once, whatever is asked the second time', async () => {
    const first = await networks.allocate(allocation(web, {}));
    expect(await networks.allocate(allocation(web, {}, { networkId: 'lan' }))).toEqual(first);
    expect(await networks.interfacesOf(of(web))).toEqual(first);
    expect(await networks.interfacesOf(of(db))).toEqual([]);
  });

  it('are the same after the process has died', async () => {
    const before = await networks.allocate(allocation(web, {}, { networkId: 'lan' }));
    await networks.close();
    await writeFile(directory.at('network-allocations.json.0a0b.new'), '{"version":');
    networks = await open();
    expect(await networks.interfacesOf(of(web))).toEqual(before);
    expect(await readdir(directory.path)).not.toContain('network-allocations.json.0a0b.new');
    expect((await stat(directory.at('network-allocations.json'))).mode & 0o777).toBe(0o600);
  });

  it('grow by one for each key', async () => {
    const [first] = await networks.allocate(allocation(web, {}));
    const attachment = { instanceUuid: web, projectId: 'acme', host: 'host-1', request: { networkId: 'lan' } };
    const attached = await networks.attach({ ...attachment, idempotencyKey: 'action-1' });
    expect(await networks.attach({ ...attachment, idempotencyKey: 'action-1' })).toEqual(attached);
    const other = await networks.attach({ ...attachment, idempotencyKey: 'action-2' });
    expect(await networks.interfacesOf(of(web))).toEqual([first, attached, other]);
  });

  it('are released one by one or all, again and again', async () => {
    const [first, second] = await networks.allocate(allocation(web, {}, {}));
    await networks.release(of(web), first!.id);
    await networks.release(of(web), first!.id);
    await networks.release(of(db), second!.id);
    expect(await networks.interfacesOf(of(web))).toEqual([second]);
    await networks.releaseAll(of(web));
    await networks.releaseAll(of(web));
    expect(await networks.interfacesOf(of(web))).toEqual([]);
    expect(await readFile(directory.at('network-allocations.json'), 'utf8')).not.toContain(web);
  });

  it('are of one build of their instance: another build of its uuid is refused, and takes nothing back', async () => {
    const known = { ...allocation(web, {}), buildUuid: 'build-1' };
    const before = await networks.allocate(known);
    const attachment = { ...of(web), projectId: 'acme', host: 'host-1', request: {}, idempotencyKey: 'action-1' };
    for (const other of [{ ...of(web), buildUuid: 'build-2' }, of(web)]) {
      await rejectionOf(networks.allocate({ ...allocation(web, {}), ...other }), 'INSTANCE_EXISTS');
      await rejectionOf(networks.attach({ ...attachment, ...other }), 'INSTANCE_EXISTS');
      await networks.releaseAll(other);
      await networks.release(other, before[0]!.id);
      await networks.unreserve(other, 'reservation-1');
      expect(await networks.moveTo(other, 'host-2')).toEqual([]);
      expect(await networks.interfacesOf(other)).toEqual([]);
    }
    expect(await networks.interfacesOf(known)).toEqual(before);
    await networks.releaseAll(known);
    expect(await networks.allocate({ ...allocation(web, {}), buildUuid: 'build-2' })).toHaveLength(1);
  });

  it('are not given under a reservation that has ended, also after the process has died', async () => {
    const named = { ...allocation(web, {}, {}), reservationId: 'reservation-1' };
    await networks.allocate(named);
    await networks.unreserve(of(web), 'reservation-1');
    await networks.unreserve(of(web), 'never-made');
    await networks.close();
    networks = await open();
    await rejectionOf(networks.allocate(named), 'RESERVATION_ENDED');
    const attachment = { ...of(web), projectId: 'acme', host: 'host-1', request: {} };
    await rejectionOf(networks.attach({ ...attachment, idempotencyKey: 'never-made' }), 'RESERVATION_ENDED');
    const kept = await networks.attach({ ...attachment, idempotencyKey: 'action-2' });
    await networks.unreserve(of(web), 'reservation-1');
    expect(await networks.interfacesOf(of(web))).toEqual([kept]);
  });

  it('of a release without builds and reservations are their instance’s still', async () => {
    await networks.close();
    const interfaces = [{ id: db, networkId: 'lan', macAddress: '52:54:00:00:00:09', idempotencyKey: null }];
    const allocations = [{ instanceUuid: web, projectId: 'acme', host: 'host-1', interfaces }];
    await writeFile(directory.at('network-allocations.json'), JSON.stringify({ version: 1, allocations }));
    networks = await open();
    expect(await networks.interfacesOf(of(web))).toMatchObject([{ id: db }]);
    await rejectionOf(networks.allocate({ ...allocation(web, {}), buildUuid: 'build-1' }), 'INSTANCE_EXISTS');
    await networks.releaseAll(of(web));
    expect(await networks.allocate({ ...allocation(web, {}), buildUuid: 'build-1' })).toHaveLength(1);
  });

  it('move to another host, once', async () => {
    const before = await networks.allocate(allocation(web, { networkId: 'lan' }));
    expect(await networks.moveTo(of(web), 'host-2')).toEqual(before);
    expect(await networks.moveTo(of(web), 'host-2')).toEqual(before);
    expect(await networks.moveTo(of(db), 'host-2')).toEqual([]);
    const { details, effect } = await rejectionOf(networks.moveTo(of(web), 'host-3'), 'NETWORK_UNAVAILABLE');
    expect([details, effect]).toEqual([{ networkId: 'lan' }, 'none']);
  });

  it('have addresses that nobody else has, however many ask at once', async () => {
    const uuids = Array.from(
      { length: 200 },
      (_, index) => `11111111-2222-4333-8444-${String(index).padStart(12, '0')}`,
    );
    const all = await Promise.all(uuids.map((uuid) => networks.allocate(allocation(uuid, {}, {}))));
    expect(new Set(all.flat().map(({ macAddress }) => macAddress)).size).toBe(400);
  });

  it('have the address that was wished for, unless somebody has it', async () => {
    const macAddress = '02:00:00:00:00:01';
    const [given] = await networks.allocate(allocation(web, { macAddress }));
    expect(given!.macAddress).toBe(macAddress);
    const second = await rejectionOf(networks.allocate(allocation(db, {}, { macAddress })), 'INVALID_INPUT');
    expect(second.details.field).toBe('requests[1].macAddress');
    expect(await networks.interfacesOf(of(db))).toEqual([]);
    await networks.releaseAll(of(web));
    expect((await networks.allocate(allocation(db, { macAddress })))[0]!.macAddress).toBe(macAddress);
  });

  it('are refused on a network that is not there, or not theirs: all of them', async () => {
    const unknown = networks.allocate(allocation(web, {}, { networkId: 'nowhere' }));
    expect((await rejectionOf(unknown, 'NETWORK_NOT_FOUND')).details).toEqual({ networkId: 'nowhere' });
    const foreign = networks.allocate({ ...allocation(web, {}, { networkId: 'private' }), projectId: 'other' });
    await rejectionOf(foreign, 'NETWORK_NOT_FOUND');
    expect(await networks.interfacesOf(of(web))).toEqual([]);
  });

  it('run out', async () => {
    await networks.close();
    networks = await open({ interfaceCountMax: 2 });
    await networks.allocate(allocation(web, {}, {}));
    await rejectionOf(networks.allocate(allocation(db, {})), 'INSUFFICIENT_RESOURCES');
    expect(await networks.allocate(allocation(web, {}))).toHaveLength(2);
  });

  it('are not allocated for one who has given up', async () => {
    const failure = await rejectionOf(
      networks.allocate(allocation(web, {}), { signal: AbortSignal.abort() }),
      'ABORTED',
    );
    expect(failure.effect).toBe('none');
    expect(await networks.interfacesOf(of(web))).toEqual([]);
  });

  it.each([
    [{ instanceUuid: 'x' }, 'instanceUuid'],
    [{ requests: [{ macAddress: '01:00:00:00:00:01' }] }, 'requests[0].macAddress'],
    [{ requests: [{ macAddress: '52:54:00:00:00:0A' }] }, 'requests[0].macAddress'],
    [{ requests: Array.from({ length: 65 }, () => ({})) }, 'requests'],
  ])('are refused for %j', async (overrides, field) => {
    const allocating = networks.allocate({ ...allocation(web, {}), ...overrides });
    expect((await rejectionOf(allocating, 'INVALID_INPUT')).details.field).toBe(field);
  });
});

describe('the networks', () => {
  it.each<[object, string]>([
    [{ directory: 'relative' }, 'directory'],
    [{ networks: [] }, 'networks'],
    [{ networks: [{ id: 'a', type: 'vxlan' }] }, 'networks[0].type'],
    [{ networks: [{ id: 'a', type: 'bridge', bridge: 'much-too-long-a-name' }] }, 'networks[0].bridge'],
    [
      {
        networks: [
          { id: 'outside', type: 'user' },
          { id: 'outside', type: 'user' },
        ],
      },
      'networks[1].id',
    ],
    [{ defaultNetworkId: 'nowhere' }, 'defaultNetworkId'],
    [{ macPrefix: '00:16:3e' }, 'macPrefix'],
    [{ macPrefix: '03:00:00' }, 'macPrefix'],
  ])('are not opened with %j', async (options, field) => {
    const opening = open(options);
    expect((await rejectionOf(opening, 'INVALID_CONFIGURATION')).details.field).toBe(field);
  });

  it('are one process’s at a time, also within one', async () => {
    expect((await rejectionOf(open(), 'INVALID_CONFIGURATION')).details).toMatchObject({ field: 'directory' });
    await networks.close();
    await networks.close();
    await rejectionOf(networks.allocate(allocation(web, {})), 'STORE_UNAVAILABLE');
    networks = await open();
  });

  it('cannot be taken away from instances that are on them', async () => {
    await networks.allocate(allocation(web, { networkId: 'lan' }));
    await networks.close();
    const opening = open({ networks: [{ id: 'outside', type: 'user' }] });
    const { details } = await rejectionOf(opening, 'INVALID_CONFIGURATION');
    expect(details).toEqual({ field: 'networks', value: 'outside', accepted: expect.stringContaining(web) });
    networks = await open();
  });

  it.each(damagedRecords)('are not guessed at when their records are damaged: %s', async (_what, damage) => {
    await networks.allocate(allocation(web, {}));
    await networks.close();
    const path = directory.at('network-allocations.json');
    await damage(path);
    const { size, mtimeMs } = await stat(path);
    await rejectionOf(open(), 'STORE_UNAVAILABLE');
    expect(await stat(path)).toMatchObject({ size, mtimeMs });
  });
});

describe('a free MAC address', () => {
  it('is looked for until it is free, and not for ever', () => {
    const draws = [Uint8Array.of(0, 0, 1), Uint8Array.of(0, 10, 2)];
    const taken = (address: string) => address === '02:00:00:00:00:01';
    expect(freeMacAddress('02:00:00', taken, () => draws.shift()!)).toBe('02:00:00:00:0a:02');
    expect(freeMacAddress('02:00:00', () => true)).toBeUndefined();
  });
});
