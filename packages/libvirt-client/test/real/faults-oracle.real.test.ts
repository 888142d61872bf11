import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LibvirtClient,
  LibvirtConnectionError,
  procedures,
  RpcConnection,
  type RpcConnectionOptions,
} from '../../src/index.js';
import { held } from '../oracles/held-heap.js';
import { SeverableLink } from '../oracles/severable-link.js';

const MIB = 1024 * 1024;
const VOLUME_BYTES = 48 * MIB;
const volume = { pool: 'faults', name: 'big', key: 'unused' };
const wholeVolume = { vol: volume, offset: 0n, length: 0n, flags: 0 };
/** What is written to is read nowhere: how far an upload comes before the daemon dies depends on the machine. */
const writtenVolume = { ...wholeVolume, vol: { ...volume, name: 'written' } };

/** Long enough for a daemon that is only slow. */
const keepalive = { intervalMs: 500, countMax: 2 };

let daemon: PrivateLibvirtd;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-flt-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  await makeVolume();
});

afterAll(async () => {
  await daemon.stop();
});

async function makeVolume(): Promise<void> {
  const path = join(daemon.imagesDirectory, 'faults');
  await mkdir(path);
  await using connection = await openQemu();
  const xml = `<pool type='dir'><name>faults</name><target><path>${path}</path></target></pool>`;
  const { pool } = await connection.call(procedures.storagePoolDefineXML, { xml, flags: 0 });
  await connection.call(procedures.storagePoolSetAutostart, { pool, autostart: 1 });
  await connection.call(procedures.storagePoolCreate, { pool, flags: 0 });
  const size = `<capacity>${VOLUME_BYTES}</capacity><allocation>0</allocation>`;
  for (const { name } of [volume, writtenVolume.vol]) {
    const volumeXml = `<volume><name>${name}</name>${size}</volume>`;
    await connection.call(procedures.storageVolCreateXML, { pool, xml: volumeXml, flags: 0 });
  }
}

function openTest(more: RpcConnectionOptions = {}): Promise<RpcConnection> {
  return RpcConnection.open({ uri: 'test:///default', socketPath: daemon.socketPath, ...more });
}

function openQemu(more: RpcConnectionOptions = {}): Promise<RpcConnection> {
  return RpcConnection.open({ uri: 'qemu:///system', socketPath: daemon.socketPath, ...more });
}

/** How each of many calls has ended: an answer, or the error. */
async function endings(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((each) => (each.status === 'fulfilled' ? 'answered' : (each.reason as unknown)));
}

describe('many', () => {
  it('calls at once, 10,000 of them, are all answered', async () => {
    await using connection = await openTest();
    const domain = await connection.lookupByName('test');
    const calls = Array.from({ length: 10_000 }, () => domain.getState());
    const states = await Promise.all(calls);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set([1]));
  });

  it('events reach one who takes them, in order, and tell one who does not that he has missed some', async () => {
    await using connection = await openTest({ window: 64, priorityWindow: 64 });
    await using taker = await connection.domainEventRegisterAny('lifecycle');
    await using sleeper = await connection.domainEventRegisterAny('lifecycle', { queueMax: 50 });
    const domain = await connection.lookupByName('test');
    const seen = (async () => {
      const events: number[] = [];
      for await (const delivery of taker) {
        if (delivery.kind === 'event') events.push(delivery.event.event);
        if (events.length === 1_000) break;
      }
      return events;
    })();
    for (let turn = 0; turn < 500; turn++) {
      await domain.suspend();
      await domain.resume();
    }
    expect(await seen).toEqual(Array.from({ length: 1_000 }, (_, index) => 3 + (index % 2)));
    const { value } = await sleeper[Symbol.asyncIterator]().next();
    expect(value).toEqual({ kind: 'resync', reason: 'overflow' });
  });
});

describe('a daemon', () => {
  it('that is stopped and goes on answers everything', async () => {
    await using connection = await openTest();
    const domain = await connection.lookupByName('test');
    process.kill(daemon.pid, 'SIGSTOP');
    const calls = Array.from({ length: 200 }, () => domain.getInfo());
    process.kill(daemon.pid, 'SIGCONT');
    expect(await endings(calls)).toEqual(Array.from({ length: 200 }, () => 'answered'));
  });

  it('that is stopped for too long is given up', async () => {
    await using connection = await openTest({ keepalive });
    const domain = await connection.lookupByName('test');
    process.kill(daemon.pid, 'SIGSTOP');
    const [ending] = await endings([domain.getInfo()]);
    process.kill(daemon.pid, 'SIGCONT');
    expect(ending).toMatchObject({ name: 'LibvirtConnectionError', reason: 'silent', sent: true });
  });

  it('that restarts during calls leaves each of them done, not done, or of unknown outcome', async () => {
    await using client = await LibvirtClient.connect({ uri: 'test:///default', socketPath: daemon.socketPath });
    const domain = await client.lookupByName('test');
    const ended = endings(Array.from({ length: 1_000 }, () => domain.getState()));
    await daemon.kill('SIGTERM');
    for (const ending of await ended) {
      if (ending !== 'answered') expect(ending).toBeInstanceOf(LibvirtConnectionError);
    }
    await daemon.start();
    await client.whenConnected({ timeoutMs: 60_000 });
    expect(await domain.getState()).toMatchObject({ state: 1 });
  });

  it('that is killed during a download and an upload fails both', async () => {
    await using receiving = await openQemu();
    await using sending = await openQemu();
    const download = await receiving.openStream(procedures.storageVolDownload, wholeVolume);
    const upload = await sending.openStream(procedures.storageVolUpload, writtenVolume);
    const chunk = new Uint8Array(MIB);
    const received = (async () => {
      for await (const _ of download) await daemon.kill('SIGKILL');
    })();
    const sent = (async () => {
      for (;;) await upload.write(chunk);
    })();
    const lost = { name: 'LibvirtConnectionError', reason: 'lost', sent: true };
    expect(await endings([received, sent])).toMatchObject([lost, lost]);
    await daemon.start();
  });
});

describe('a link', () => {
  it('that swallows everything is found out', async () => {
    await using link = await SeverableLink.listen(join(daemon.directory, 'link'), daemon.socketPath);
    await using connection = await openTest({ socketPath: link.socketPath, keepalive });
    link.swallow();
    const [ending] = await endings([connection.getHostname()]);
    expect(ending).toMatchObject({ reason: 'silent', sent: true });
  });

  it('of which one half is closed is no link', async () => {
    await using link = await SeverableLink.listen(join(daemon.directory, 'link'), daemon.socketPath);
    await using connection = await openTest({ socketPath: link.socketPath });
    link.closeHalf();
    const ended = await connection.closed;
    expect(ended).toMatchObject({ reason: 'lost' });
    expect(await endings([connection.getHostname()])).toMatchObject([{ reason: 'lost', sent: false }]);
  });
});

describe('a reader', () => {
  it('that is slow gets everything, and what waits for it is little', async () => {
    await using connection = await openQemu();
    await using other = await openTest();
    const before = (await held()).heapMib;
    const stream = await connection.openStream(procedures.storageVolDownload, wholeVolume);
    let bytes = 0;
    let mostMib = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      // The time of a call is what this reader dawdles between two chunks.
      await other.getHostname();
      if (bytes % (8 * MIB) < 262_144) mostMib = Math.max(mostMib, (await held()).heapMib - before);
    }
    expect(bytes).toBe(VOLUME_BYTES);
    expect(mostMib).toBeLessThan(16);
  });
});

describe('a program', () => {
  const turns = Number(process.env['VIRTKIT_LEAK_TURNS'] ?? 150);

  it('that connects, calls, subscribes, streams and closes again and again holds no more than at first', async () => {
    const turn = async (): Promise<void> => {
      await using connection = await openQemu();
      await using subscription = await connection.domainEventRegisterAny('lifecycle');
      await connection.listAllDomains();
      await connection.lookupByName('nobody').catch(() => undefined);
      const part = { ...wholeVolume, length: 65_536n };
      const stream = await connection.openStream(procedures.storageVolDownload, part);
      for await (const _ of stream) expect(subscription).toBeDefined();
    };
    for (let index = 0; index < 50; index++) await turn();
    const first = await held();
    for (let index = 0; index < turns; index++) await turn();
    const last = await held();
    expect(last.files).toBeLessThanOrEqual(first.files);
    expect(last.heapMib - first.heapMib).toBeLessThan(2);
  });
});
