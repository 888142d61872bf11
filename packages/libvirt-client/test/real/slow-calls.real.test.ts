import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RpcConnection, type Domain } from '../../src/index.js';
import { unixDialer } from '../../src/transport/socket-dialer.js';
import type { Dialer } from '../../src/transport/transport.js';
import { guestXml } from '../oracles/guest-xml.js';

const READS = 2_000;
const QUERY = '{"execute":"query-status"}';
/** After 1.1 s in which the daemon reads nothing the connection is given up. */
const keepalive = { intervalMs: 100, countMax: 10 };
/** A question is asked in every other interval at most: these take longer than the silence that ends a connection. */
const ANSWERS_IN_SILENCE = 8;

let daemon: PrivateLibvirtd;
let host: RpcConnection;
/** Its QEMU can be stopped: calls that ask QEMU then hold workers of the daemon until it goes on. */
let held: Domain;
/** Not running. What is read of it comes from the daemon's memory. */
let still: Domain;
let qemuPid: number;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-slow-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  host = await RpcConnection.open({ uri: 'qemu:///system', socketPath: daemon.socketPath });
  held = await host.defineXML(guestXml('qemu', { name: 'held', uuid: 'b0000000-0000-4000-8000-00000000000b' }));
  still = await host.defineXML(guestXml('qemu', { name: 'still', uuid: 'c0000000-0000-4000-8000-00000000000c' }));
  await held.create();
  qemuPid = Number(await readFile(join(daemon.directory, 'run/qemu/held.pid'), 'utf8'));
});

afterAll(async () => {
  await held.destroy();
  await host.close();
  await daemon.stop();
});

/** Dials the daemon, and tells how many times it has answered that it is alive. */
function countingDialer(): { readonly dial: Dialer; readonly answers: (count: number) => Promise<void> } {
  let heard = 0;
  let wanted = { count: Number.POSITIVE_INFINITY, resolve: (): void => undefined };
  const pong = Buffer.from('6b6565700000000100000002', 'hex');
  const dial: Dialer = (listener, options) => {
    const received = (chunk: Buffer): void => {
      if (chunk.includes(pong)) heard++;
      if (heard >= wanted.count) wanted.resolve();
      listener.received(chunk);
    };
    return unixDialer(daemon.socketPath)({ ...listener, received }, options);
  };
  const answers = (count: number): Promise<void> =>
    new Promise((resolve) => (wanted = { count: heard + count, resolve }));
  return { dial, answers };
}

function times<Value>(count: number, make: () => Promise<Value>): Promise<Value>[] {
  return Array.from({ length: count }, make);
}

describe('a connection of which four slow calls hold the daemon’s workers', () => {
  it('answers thousands of quick reads meanwhile, stays alive in silence, and answers the slow calls', async () => {
    const { dial, answers } = countingDialer();
    await using connection = await RpcConnection.open({ uri: 'qemu:///system', dial, keepalive });
    const slowGuest = await connection.lookupByUUID(held.uuid);
    const quickGuest = await connection.lookupByUUID(still.uuid);
    process.kill(qemuPid, 'SIGSTOP');
    try {
      const infos = times(READS, () => quickGuest.getInfo());
      const slow = times(4, () => slowGuest.qemuMonitorCommand(QUERY));
      const xmls = times(READS, () => quickGuest.getXMLDesc());
      const states = times(READS, () => quickGuest.getState());

      expect(new Set((await Promise.all(infos)).map(({ state }) => state))).toEqual(new Set([5]));
      expect(new Set((await Promise.all(states)).map(({ state }) => state))).toEqual(new Set([5]));
      expect(new Set(await Promise.all(xmls)).size).toBe(1);
      expect(connection.load).toBe(4);

      await answers(ANSWERS_IN_SILENCE);
      expect(await quickGuest.getState()).toMatchObject({ state: 5 });
      const behind = quickGuest.getInfo();
      expect(connection.load).toBe(5);

      process.kill(qemuPid, 'SIGCONT');
      for (const said of await Promise.all(slow)) expect(said).toContain('"running":true');
      expect(await behind).toMatchObject({ state: 5 });
      expect(connection.load).toBe(0);
    } finally {
      process.kill(qemuPid, 'SIGCONT');
    }
  });

  it('answers quick reads that come after all four, one by one from the first slow call that is over', async () => {
    await using connection = await RpcConnection.open({
      uri: 'qemu:///system',
      dial: countingDialer().dial,
      keepalive,
    });
    const slowGuest = await connection.lookupByUUID(held.uuid);
    const quickGuest = await connection.lookupByUUID(still.uuid);
    process.kill(qemuPid, 'SIGSTOP');
    try {
      const slow = times(8, () => slowGuest.qemuMonitorCommand(QUERY));
      const infos = times(READS, () => quickGuest.getInfo());
      const states = times(READS, () => quickGuest.getState());
      expect((await Promise.all(states)).length).toBe(READS);
      expect(connection.load).toBe(8 + READS);
      process.kill(qemuPid, 'SIGCONT');
      expect((await Promise.all([...slow, ...infos])).length).toBe(8 + READS);
    } finally {
      process.kill(qemuPid, 'SIGCONT');
    }
  });

  it('would be lost with a fifth, which the window keeps in line', async () => {
    const dial = unixDialer(daemon.socketPath);
    await using connection = await RpcConnection.open({ uri: 'qemu:///system', dial, keepalive, window: 5 });
    const slowGuest = await connection.lookupByUUID(held.uuid);
    process.kill(qemuPid, 'SIGSTOP');
    try {
      const slow = times(5, () => slowGuest.qemuMonitorCommand(QUERY));
      for (const { status } of await Promise.allSettled(slow)) expect(status).toBe('rejected');
      expect(await connection.closed).toMatchObject({ reason: 'silent' });
    } finally {
      process.kill(qemuPid, 'SIGCONT');
    }
  });
});
