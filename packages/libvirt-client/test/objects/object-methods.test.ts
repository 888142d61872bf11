import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMethods } from '../../scripts/protocol-description.mjs';
import {
  Domain,
  DomainSnapshot,
  LibvirtClient,
  Network,
  NodeDevice,
  procedures,
  RpcConnection,
  typed,
} from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const net = { name: 'web', uuid: '6ba7b811-9dad-11d1-80b4-00c04fd430c8' };

let peer: ScriptedPeer;
let connection: RpcConnection;
let domain: Domain;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  connection = await RpcConnection.open({ socketPath: peer.socketPath });
  domain = new Domain(connection, dom);
});

afterEach(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

describe('typed parameters', () => {
  it('are asked for twice, strings included, and come by name with 64 bits intact', async () => {
    const values = domain.getMemoryParameters(2);
    const first = await peer.next(procedures.domainGetMemoryParameters);
    expect(first.args).toEqual({ dom, nparams: 0, flags: 2 | 4 });
    first.reply({ params: [], nparams: 3 });
    const second = await peer.next(procedures.domainGetMemoryParameters);
    expect(second.args).toEqual({ dom, nparams: 3, flags: 2 | 4 });
    const params = [
      { field: 'hard_limit', type: 'ullong', value: 2n ** 53n + 1n },
      { field: 'mode', type: 'string', value: 'strict' },
      { field: '__proto__', type: 'boolean', value: true },
    ] as const;
    second.reply({ params, nparams: 3 });
    const read = await values;
    expect(Object.entries(read)).toEqual(params.map(({ field, value }) => [field, value]));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('are asked for without the flag for strings where drivers do not know it', async () => {
    const cpu = connection.nodeGetCPUStats(-1);
    const first = await peer.next(procedures.nodeGetCPUStats);
    expect(first.args).toEqual({ cpuNum: -1, nparams: 0, flags: 0 });
    first.reply({ params: [], nparams: 1 });
    const second = await peer.next(procedures.nodeGetCPUStats);
    expect(second.args).toEqual({ cpuNum: -1, nparams: 1, flags: 0 });
    second.reply({ params: [{ field: 'user', value: 5n }], nparams: 1 });
    expect(await cpu).toEqual({ user: 5n });

    const memory = connection.nodeGetMemoryStats(-1, 8);
    const call = await peer.next(procedures.nodeGetMemoryStats);
    expect(call.args).toEqual({ cellNum: -1, nparams: 0, flags: 8 });
    call.reply({ params: [], nparams: 0 });
    expect(await memory).toEqual({});
  });

  it('are asked for once when there are none', async () => {
    const values = domain.getBlkioParameters();
    (await peer.next(procedures.domainGetBlkioParameters)).reply({ params: [], nparams: 0 });
    expect(await values).toEqual({});
  });

  it('share one deadline between the two calls', async () => {
    const values = domain.getNumaParameters(0, { timeoutMs: 1_000 });
    const first = await peer.next(procedures.domainGetNumaParameters);
    // The first call takes a few milliseconds of the time of both, whatever the machine does.
    for (const begunMs = performance.now(); performance.now() - begunMs < 5;);
    first.reply({ params: [], nparams: 1 });
    await expect(values).rejects.toMatchObject({ name: 'LibvirtTimeoutError' });
    const error = (await values.catch((reason: unknown) => reason)) as { timeoutMs: number };
    expect(error.timeoutMs).toBeLessThan(1_000);
  });

  it('are sent with the types they were given', async () => {
    const done = domain.setBlockIoTune('vda', { total_iops_sec: typed.ullong(5n), group_name: typed.string('g') });
    const call = await peer.next(procedures.domainSetBlockIoTune);
    expect(call.args.params).toEqual([
      { field: 'total_iops_sec', type: 'ullong', value: 5n },
      { field: 'group_name', type: 'string', value: 'g' },
    ]);
    call.reply({});
    await done;
  });

  it('of several CPUs come as one record for each', async () => {
    const stats = domain.getCPUStats(0, 2);
    (await peer.next(procedures.domainGetCPUStats)).reply({ params: [], nparams: 1 });
    const params = [1n, 2n].map((value) => ({ field: 'cpu_time', type: 'ullong' as const, value }));
    (await peer.next(procedures.domainGetCPUStats)).reply({ params, nparams: 1 });
    expect(await stats).toEqual([{ cpu_time: 1n }, { cpu_time: 2n }]);
  });
});

describe('objects', () => {
  it('name themselves in their calls, and wrap what comes back', async () => {
    const snapshots = domain.listAllSnapshots();
    const call = await peer.next(procedures.domainListAllSnapshots);
    expect(call.args).toEqual({ dom, need_results: 1, flags: 0 });
    call.reply({ snapshots: [{ name: 'first', dom }], ret: 1 });
    const [snapshot] = await snapshots;
    expect(snapshot).toBeInstanceOf(DomainSnapshot);
    const reverted = snapshot?.revertToSnapshot(1);
    const revert = await peer.next(procedures.domainRevertToSnapshot);
    expect(revert.args).toEqual({ snap: { name: 'first', dom }, flags: 1 });
    revert.reply({});
    await reverted;
  });

  it('ask with as much room as the protocol has, and answer truths as booleans', async () => {
    const caps = new NodeDevice(connection, { name: 'computer' }).listCaps();
    const call = await peer.next(procedures.nodeDeviceListCaps);
    expect(call.args).toEqual({ name: 'computer', maxnames: 65_536 });
    call.reply({ names: ['system'] });
    expect(await caps).toEqual(['system']);
    const network = new Network(connection, net);
    const isSet = network.setAutostart(true);
    const set = await peer.next(procedures.networkSetAutostart);
    expect(set.args).toEqual({ net, autostart: 1 });
    set.reply({});
    await isSet;
  });

  it('take a signal and a deadline in every call', async () => {
    const controller = new AbortController();
    const pending = new Network(connection, net).getXMLDesc(0, { signal: controller.signal });
    await peer.next(procedures.networkGetXMLDesc);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError', sent: true });
    const late = new Network(connection, net).isActive({ timeoutMs: 1 });
    await expect(late).rejects.toMatchObject({ name: 'LibvirtTimeoutError' });
  });
});

describe('events of other objects', () => {
  it('reach their takers, and are asked for again after a reconnect, with a resync', async () => {
    await using client = await LibvirtClient.connect({ socketPath: peer.socketPath, reconnect: { delayMinMs: 1 } });
    peer.answer(procedures.connectNetworkEventRegisterAny, () => ({ callbackID: 3 }));
    peer.answer(procedures.connectNetworkEventDeregisterAny, () => ({}));
    await using subscription = await client.networkEventRegisterAny('lifecycle', { network: net });
    const events = subscription[Symbol.asyncIterator]();
    peer.sendEvent(procedures.networkEventLifecycle, { callbackID: 3, net, event: 2, detail: 0 });
    expect((await events.next()).value).toEqual({ kind: 'event', event: { net, event: 2, detail: 0 } });
    peer.hangUp();
    expect((await events.next()).value).toEqual({ kind: 'resync', reason: 'reconnected' });
    peer.sendEvent(procedures.networkEventLifecycle, { callbackID: 3, net, event: 3, detail: 0 });
    expect((await events.next()).value).toEqual({ kind: 'event', event: { net, event: 3, detail: 0 } });
    expect(peer.calls.filter((name) => name === 'connectNetworkEventRegisterAny')).toHaveLength(2);
  });
});

it('every procedure of the remote program is a method, is made by hand, or is left out for a reason', () => {
  const kinds = Map.groupBy(readMethods(), ({ kind }) => kind);
  const callable = Object.values(procedures).filter((entry) => 'arguments' in entry);
  expect(readMethods()).toHaveLength(callable.length);
  expect(kinds.get('generated')?.length).toBeGreaterThan(300);
});
