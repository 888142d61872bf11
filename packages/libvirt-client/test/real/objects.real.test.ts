import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { buildGuestImage, guestDomainXml, startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DomainCreateFlags,
  DomainModificationImpact,
  DomainSnapshotCreateFlags,
  ErrorNumber,
  LibvirtClient,
  NetworkEventLifecycleType,
  NodeDeviceEventLifecycleType,
  RpcConnection,
  SecretEventLifecycleType,
  SecretUsageType,
  StoragePoolEventLifecycleType,
  StorageVolDownloadFlags,
  duplexOf,
  typed,
  type StoragePool,
} from '../../src/index.js';
import { take } from './take-events.js';

const MIB = 1024 * 1024;
const run = promisify(execFile);
const { VIR_DOMAIN_AFFECT_CONFIG: inConfig } = DomainModificationImpact;

let daemon: PrivateLibvirtd;
let client: LibvirtClient;
/** The test driver of the same daemon, which has what a machine in a container has not. */
let test: RpcConnection;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-obj-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  client = await LibvirtClient.connect({ uri: daemon.uri });
  test = await RpcConnection.open({ uri: 'test:///default', socketPath: daemon.socketPath });
});

afterAll(async () => {
  await client.close();
  await test.close();
  await daemon.stop();
});

function sha256(...parts: Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

function domainXml(name: string, devices: string): string {
  return `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
}

function diskXml(path: string): string {
  return `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda' bus='virtio'/></disk>`;
}

async function qcow2(name: string): Promise<string> {
  const path = join(daemon.imagesDirectory, name);
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '8M']);
  return path;
}

describe('networks', () => {
  it('are defined, started, stopped and undefined, and tell of it', async () => {
    await using subscription = await test.networkEventRegisterAny('lifecycle');
    const network = await test.networkDefineXML("<network><name>web</name><bridge name='vk-web'/></network>");
    await network.create();
    expect(await network.isActive()).toBe(true);
    expect(await network.getBridgeName()).toBe('vk-web');
    await network.setAutostart(true);
    expect(await network.getAutostart()).toBe(true);
    expect((await test.listAllNetworks()).map(({ name }) => name).sort()).toEqual(['default', 'web']);
    expect(await (await test.networkLookupByUUID(network.uuid)).getXMLDesc()).toContain('<name>web</name>');
    await network.destroy();
    await network.undefine();
    await expect(test.networkLookupByName('web')).rejects.toMatchObject({ code: ErrorNumber.VIR_ERR_NO_NETWORK });
    const events = await take(subscription, 4);
    expect(events.map(({ net, event }) => [net.name, event])).toEqual([
      ['web', NetworkEventLifecycleType.VIR_NETWORK_EVENT_DEFINED],
      ['web', NetworkEventLifecycleType.VIR_NETWORK_EVENT_STARTED],
      ['web', NetworkEventLifecycleType.VIR_NETWORK_EVENT_STOPPED],
      ['web', NetworkEventLifecycleType.VIR_NETWORK_EVENT_UNDEFINED],
    ]);
  });

  it('have ports with parameters', async () => {
    const network = await client.networkCreateXML(
      "<network><name>bridged</name><forward mode='bridge'/><bridge name='vk-none'/></network>",
    );
    const uuid = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
    const owner = '<owner><uuid>6ba7b810-9dad-11d1-80b4-00c04fd430c8</uuid><name>guest</name></owner>';
    const mac = "<mac address='52:54:00:00:00:01'/>";
    const port = await network.portCreateXML(`<networkport><uuid>${uuid}</uuid>${owner}${mac}</networkport>`);
    expect((await network.listAllPorts()).map(({ uuid }) => uuid)).toEqual([uuid]);
    expect(port.net.name).toBe('bridged');
    expect(await (await network.portLookupByUUID(port.uuid)).getXMLDesc()).toContain('52:54:00:00:00:01');
    expect(await port.getParameters()).toMatchObject({});
    await port.delete();
    expect(await network.listAllPorts()).toEqual([]);
    await network.destroy();
  });
});

describe('storage', () => {
  let pool: StoragePool;

  beforeAll(async () => {
    const path = join(daemon.directory, 'pool');
    await mkdir(path);
    pool = await client.storagePoolDefineXML(
      `<pool type='dir'><name>disks</name><target><path>${path}</path></target></pool>`,
    );
  });

  function volumeXml(name: string, bytes: number): string {
    return `<volume><name>${name}</name><capacity>${bytes}</capacity><allocation>0</allocation></volume>`;
  }

  it('pools start, refresh and tell of it', async () => {
    await using lifecycle = await client.storagePoolEventRegisterAny('lifecycle', { pool });
    await using refresh = await client.storagePoolEventRegisterAny('refresh');
    await pool.create();
    await pool.refresh();
    expect(await pool.isActive()).toBe(true);
    const info = await pool.getInfo();
    expect(info.capacity).toBe(info.allocation + info.available);
    const [started] = await take(lifecycle, 1);
    expect(started).toMatchObject({
      pool: { name: 'disks', uuid: pool.uuid },
      event: StoragePoolEventLifecycleType.VIR_STORAGE_POOL_EVENT_STARTED,
    });
    expect(await take(refresh, 1)).toEqual([{ pool: { name: 'disks', uuid: pool.uuid } }]);
    expect((await client.listAllStoragePools()).map(({ name }) => name)).toEqual(['disks']);
  });

  it('volumes give back what was written into them', async () => {
    const volume = await pool.storageVolCreateXML(volumeXml('dense', 9 * MIB));
    const content = randomBytes(9 * MIB);
    await pipeline(
      Readable.from([content.subarray(0, 5 * MIB), content.subarray(5 * MIB)]),
      volume.createWriteStream(),
    );
    expect(await hashOf(volume.createReadStream())).toBe(sha256(content));
    const part = volume.createReadStream({ offset: 1_000_000n, length: 2_000_000n });
    expect(await hashOf(part)).toBe(sha256(content.subarray(1_000_000, 3_000_000)));
    expect(await volume.getInfo()).toMatchObject({ capacity: BigInt(9 * MIB) });
    expect((await volume.storagePoolLookupByVolume()).uuid).toBe(pool.uuid);
    expect((await client.storageVolLookupByPath(await volume.getPath())).key).toBe(volume.key);
    const clone = await pool.storageVolCreateXMLFrom(volumeXml('clone', 9 * MIB), volume);
    expect(await hashOf(clone.createReadStream())).toBe(sha256(content));
    await clone.delete();
    await volume.delete();
    expect(await pool.listAllVolumes()).toEqual([]);
  });

  it('volumes keep their holes over sparse streams', async () => {
    const volume = await pool.storageVolCreateXML(volumeXml('sparse', 64 * MIB));
    const [head, tail] = [randomBytes(MIB), randomBytes(MIB)];
    const hash = sha256(head, new Uint8Array(61 * MIB), tail, new Uint8Array(MIB));
    const pieces = [head, Buffer.alloc(61 * MIB), tail, Buffer.alloc(MIB)];
    await pipeline(Readable.from(pieces), volume.createWriteStream({ content: 'sparse' }));
    const { allocation, capacity } = await volume.getInfo();
    expect(capacity).toBe(BigInt(64 * MIB));
    expect(allocation).toBeLessThan(BigInt(4 * MIB));
    expect(await hashOf(volume.createReadStream({ content: 'sparse' }))).toBe(hash);
    expect(await hashOf(volume.createReadStream())).toBe(hash);
    const stream = await volume.download(0n, 0n, StorageVolDownloadFlags.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM);
    let dataBytes = 0;
    let holeBytes = 0n;
    for await (const part of stream.parts()) {
      if (part instanceof Uint8Array) dataBytes += part.length;
      else holeBytes += part.holeBytes;
    }
    expect({ dataBytes, holeBytes }).toEqual({ dataBytes: 2 * MIB, holeBytes: BigInt(62 * MIB) });
    await volume.delete();
  });

  it('a read stream that is left early is aborted, and one with an aborted signal fails', async () => {
    const volume = await pool.storageVolCreateXML(volumeXml('left', 16 * MIB));
    for await (const chunk of volume.createReadStream()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const controller = new AbortController();
    const stream = volume.createReadStream({ signal: controller.signal });
    controller.abort();
    await expect(hashOf(stream)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      pipeline(Readable.from([Buffer.alloc(MIB)]), volume.createWriteStream({ offset: BigInt(17 * MIB), length: 1n })),
    ).rejects.toThrow();
    await volume.delete();
    await pool.destroy();
    await pool.undefine();
  });
});

describe('secrets', () => {
  it('keep a value, and tell of changes', async () => {
    await using lifecycle = await client.secretEventRegisterAny('lifecycle');
    await using changes = await client.secretEventRegisterAny('valueChanged');
    const usage = `<usage type='volume'><volume>/disk</volume></usage>`;
    const secret = await client.secretDefineXML(`<secret ephemeral='no' private='no'>${usage}</secret>`);
    const value = new Uint8Array([0, 1, 2, 255]);
    await secret.setValue(value);
    expect(new Uint8Array(await secret.getValue())).toEqual(value);
    const found = await client.secretLookupByUsage(SecretUsageType.VIR_SECRET_USAGE_TYPE_VOLUME, '/disk');
    expect(found.uuid).toBe(secret.uuid);
    expect((await client.listAllSecrets()).map(({ uuid }) => uuid)).toEqual([secret.uuid]);
    await secret.undefine();
    expect((await take(changes, 1))[0]?.secret.uuid).toBe(secret.uuid);
    expect((await take(lifecycle, 2)).map(({ event }) => event)).toEqual([
      SecretEventLifecycleType.VIR_SECRET_EVENT_DEFINED,
      SecretEventLifecycleType.VIR_SECRET_EVENT_UNDEFINED,
    ]);
  });
});

describe('devices of the host', () => {
  it('are found in their tree', async () => {
    const computer = await test.nodeDeviceLookupByName('computer');
    expect(await computer.getParent()).toBeNull();
    expect(await computer.listCaps()).toEqual(['system']);
    expect(await computer.getXMLDesc()).toContain('<name>computer</name>');
    expect((await test.listAllNodeDevices()).map(({ name }) => name)).toContain('computer');
  });

  it('come and go, and tell of it', async () => {
    await using subscription = await test.nodeDeviceEventRegisterAny('lifecycle');
    const names = '<wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn>';
    const fibreChannel = `<capability type='scsi_host'><capability type='fc_host'>${names}</capability></capability>`;
    const device = await test.nodeDeviceCreateXML(`<device><parent>scsi_host1</parent>${fibreChannel}</device>`);
    await device.destroy();
    const events = await take(subscription, 2);
    expect(events.map(({ dev, event }) => [dev.name, event])).toEqual([
      [device.name, NodeDeviceEventLifecycleType.VIR_NODE_DEVICE_EVENT_CREATED],
      [device.name, NodeDeviceEventLifecycleType.VIR_NODE_DEVICE_EVENT_DELETED],
    ]);
  });
});

describe('network filters', () => {
  it('are defined and found', async () => {
    const filter = await client.nwFilterDefineXML(
      "<filter name='vk-no-mac' chain='root'><rule action='drop' direction='out' priority='500'><mac/></rule></filter>",
    );
    expect((await client.nwFilterLookupByName('vk-no-mac')).uuid).toBe(filter.uuid);
    expect(await filter.getXMLDesc()).toContain("name='vk-no-mac'");
    expect((await client.listAllNWFilters()).map(({ name }) => name)).toContain('vk-no-mac');
    expect(await client.listAllNWFilterBindings()).toEqual([]);
    await expect(client.nwFilterBindingLookupByPortDev('vk-tap')).rejects.toMatchObject({
      code: ErrorNumber.VIR_ERR_NO_NWFILTER_BINDING,
    });
    await filter.undefine();
  });
});

describe('interfaces of the host', () => {
  it('are changed, and changes are taken back', async () => {
    const [eth] = await test.listAllInterfaces();
    expect(eth?.name).toBe('eth1');
    await test.interfaceChangeBegin();
    const xml =
      "<interface type='ethernet' name='eth2'><start mode='none'/><mac address='aa:bb:cc:dd:ee:01'/></interface>";
    const added = await test.interfaceDefineXML(xml);
    expect(added.mac).toBe('aa:bb:cc:dd:ee:01');
    await added.create();
    expect(await added.isActive()).toBe(true);
    expect((await test.interfaceLookupByMACString(added.mac)).name).toBe('eth2');
    await test.interfaceChangeRollback();
    expect((await test.listAllInterfaces()).map(({ name }) => name)).toEqual(['eth1']);
  });
});

describe('snapshots', () => {
  it('make a tree, which the test driver goes back in', async () => {
    const domain = await test.lookupByName('test');
    const first = await domain.snapshotCreateXML('<domainsnapshot><name>first</name></domainsnapshot>');
    const second = await domain.snapshotCreateXML('<domainsnapshot><name>second</name></domainsnapshot>');
    expect((await second.getParent()).name).toBe('first');
    expect((await first.listAllChildren()).map(({ name }) => name)).toEqual(['second']);
    expect(await second.isCurrent()).toBe(true);
    await first.revertToSnapshot();
    expect((await domain.snapshotCurrent()).name).toBe('first');
    expect(await domain.hasCurrentSnapshot()).toBe(true);
    expect(await first.hasMetadata()).toBe(true);
    await expect(first.getParent()).rejects.toMatchObject({ code: ErrorNumber.VIR_ERR_NO_DOMAIN_SNAPSHOT });
    await second.delete();
    await first.delete();
    expect(await domain.listAllSnapshots()).toEqual([]);
  });

  it('of a disk lie within it, or in a file of their own', async () => {
    const path = await qcow2('snapshots.qcow2');
    const domain = await client.defineXMLFlags(domainXml('snapshots', diskXml(path)));
    const inside = await domain.snapshotCreateXML('<domainsnapshot><name>inside</name></domainsnapshot>');
    expect((await run('qemu-img', ['snapshot', '-l', path])).stdout).toContain('inside');
    await inside.revertToSnapshot();
    await inside.delete();
    expect((await run('qemu-img', ['snapshot', '-l', path])).stdout).not.toContain('inside');
    const overlay = join(daemon.imagesDirectory, 'overlay.qcow2');
    const disks = `<disks><disk name='vda' snapshot='external'><source file='${overlay}'/></disk></disks>`;
    await domain.snapshotCreateXML(
      `<domainsnapshot><name>outside</name>${disks}</domainsnapshot>`,
      DomainSnapshotCreateFlags.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY |
        DomainSnapshotCreateFlags.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA,
    );
    expect((await run('qemu-img', ['info', overlay])).stdout).toContain('snapshots.qcow2');
    expect(await domain.getXMLDesc()).toContain('overlay.qcow2');
    await domain.undefineFlags();
  });
});

describe('a running guest', () => {
  it('has checkpoints, parameters, a screen and a monitor', async () => {
    const devices = `${diskXml(await qcow2('running.qcow2'))}<video><model type='vga'/></video>`;
    const domain = await client.defineXMLFlags(domainXml('running', devices));
    await domain.setMemoryParameters({ hard_limit: typed.ullong(1_048_576n) }, inConfig);
    expect(await domain.getMemoryParameters(inConfig)).toMatchObject({ hard_limit: 1_048_576n });
    await domain.setBlockIoTune('vda', { total_iops_sec: typed.ullong(500n), group_name: typed.string('g') }, inConfig);
    expect(await domain.getBlockIoTune('vda', inConfig)).toMatchObject({ total_iops_sec: 500n, group_name: 'g' });
    await domain.setMemoryParameters({ hard_limit: typed.ullong(9_007_199_254_740_991n) }, inConfig);
    await using stops = await client.qemuMonitorEventRegister({ domain, event: 'STOP' });
    const running = await domain.createWithFlags();

    const checkpoint = await running.checkpointCreateXML('<domaincheckpoint><name>one</name></domaincheckpoint>');
    await running.checkpointCreateXML('<domaincheckpoint><name>two</name></domaincheckpoint>');
    expect((await running.listAllCheckpoints()).map(({ name }) => name).sort()).toEqual(['one', 'two']);
    expect((await checkpoint.listAllChildren()).map(({ name }) => name)).toEqual(['two']);
    const two = await running.checkpointLookupByName('two');
    expect((await two.getParent()).name).toBe('one');
    await two.delete();
    await checkpoint.delete();

    const screen = await running.screenshot(0);
    expect(screen.reply.mime).toMatch(/^image\//);
    let imageBytes = 0;
    for await (const chunk of screen) imageBytes += chunk.length;
    expect(imageBytes).toBeGreaterThan(100);

    expect(await running.blockStatsFlags('vda')).toMatchObject({ rd_bytes: expect.any(BigInt) });
    expect(await running.getBlockInfo('vda')).toMatchObject({ capacity: BigInt(8 * MIB) });
    expect(await running.getVcpus(1, 0)).toMatchObject({ info: [{ number: 0 }] });
    expect(JSON.parse(await running.qemuMonitorCommand('{"execute":"query-status"}'))).toMatchObject({
      return: { status: 'running' },
    });
    await running.suspend();
    expect(await take(stops, 1)).toMatchObject([{ dom: { name: 'running' }, event: 'STOP' }]);
    await running.destroy();
    await domain.undefineFlags();
  });

  it('speaks on its console, which is a Duplex', async () => {
    const image = await buildGuestImage();
    const xml = guestDomainXml({ name: 'speaks', image, serialLogPath: '/unused' });
    const withConsole = xml.replace(/<serial type='file'>.*?<\/serial>/, "<serial type='pty'/><console type='pty'/>");
    const guest = await client.createXML(withConsole, DomainCreateFlags.VIR_DOMAIN_START_PAUSED);
    const console = duplexOf(() => guest.openConsole(null));
    let said = '';
    console.setEncoding('utf8');
    const hears = async (what: string): Promise<void> => {
      for await (const text of console.iterator({ destroyOnReturn: false })) {
        said += text as string;
        if (said.includes(what)) return;
      }
      throw new Error(`the console has ended without ${what}: ${said}`);
    };
    await guest.resume();
    await hears('GUEST-UP');
    console.write('echo answer=$((6 * 7))\n');
    await hears('answer=42');
    await guest.destroy();
    console.destroy();
  });
});
