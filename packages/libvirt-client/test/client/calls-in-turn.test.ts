import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtClient, procedures, qemuProcedures, type LibvirtTimeoutError } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const one = { name: 'one', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const other = { name: 'other', uuid: '7ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const { domainCreateWithFlags: create, domainDefineXMLFlags: define, domainGetState, domainGetXMLDesc } = procedures;
const { domainSuspend: suspend, domainSetMetadata: setMetadata, domainSnapshotCreateXML: snapshot } = procedures;
const { domainFSFreeze: freeze, domainFSThaw: thaw, domainGetTime: getTime } = procedures;
const { domainAgentCommand: agentCommand } = qemuProcedures;
const { domainDestroyFlags: destroy, domainShutdownFlags: shutdown } = procedures;

let peer: ScriptedPeer;
let client: LibvirtClient;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  client = await LibvirtClient.connect({
    socketPath: peer.socketPath,
    slowCallsMax: 2,
    workConnectionsMax: 2,
    window: 2,
  });
});

afterEach(async () => {
  await client.close();
  await peer[Symbol.asyncDispose]();
});

/** Resolves when everything sent before has reached the peer. */
async function settled(): Promise<void> {
  const state = client.call(domainGetState, { dom: one, flags: 99 });
  (await peer.next(domainGetState)).reply({ state: 1, reason: 1 });
  await state;
}

function times(name: string): number {
  return peer.calls.filter((call) => call === name).length;
}

describe('changes of one domain', () => {
  it('are made one after another; reads, destroy and other domains do not wait', async () => {
    const starting = client.call(create, { dom: one, flags: 0 });
    const stopping = client.call(shutdown, { dom: one, flags: 0 });
    const started = await peer.next(create);
    const read = client.call(domainGetXMLDesc, { dom: one, flags: 0 });
    (await peer.next(domainGetXMLDesc)).reply({ xml: '<domain/>' });
    expect(await read).toEqual({ xml: '<domain/>' });
    const destroying = client.call(destroy, { dom: one, flags: 0 });
    (await peer.next(destroy)).reply({});
    await destroying;
    const elsewhere = client.call(shutdown, { dom: other, flags: 0 });
    const call = await peer.next(shutdown);
    expect(call.args.dom).toEqual(other);
    call.reply({});
    await elsewhere;
    expect(times('domainShutdownFlags')).toBe(1);
    started.reply({ dom: one });
    await starting;
    (await peer.next(shutdown)).reply({});
    await stopping;
  });

  it('include those whose arguments do not name it, when the caller does', async () => {
    const defining = client.call(define, { xml: '<domain/>', flags: 0 }, { domainUuid: one.uuid.toUpperCase() });
    const starting = client.call(create, { dom: one, flags: 0 });
    const call = await peer.next(define);
    await settled();
    expect(times('domainCreateWithFlags')).toBe(0);
    call.reply({ dom: one });
    await defining;
    (await peer.next(create)).reply({ dom: one });
    await starting;
  });

  it('wait for one that was given up, until the daemon is done with it', async () => {
    const controller = new AbortController();
    const starting = client.call(create, { dom: one, flags: 0 }, { signal: controller.signal });
    const call = await peer.next(create);
    controller.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError', sent: true });
    const stopping = client.call(shutdown, { dom: one, flags: 0 });
    await settled();
    expect(times('domainShutdownFlags')).toBe(0);
    call.fail({ code: 1 });
    (await peer.next(shutdown)).reply({});
    await stopping;
  });

  it('that are given up in line are not made, and do not hold up the others', async () => {
    const starting = client.call(create, { dom: one, flags: 0 });
    const controller = new AbortController();
    const aborted = client.call(shutdown, { dom: one, flags: 1 }, { signal: controller.signal });
    const timedOut = expect(client.call(shutdown, { dom: one, flags: 2 }, { timeoutMs: 5 })).rejects.toMatchObject({
      name: 'LibvirtTimeoutError',
      sent: false,
      timeoutMs: 5,
    });
    const last = client.call(shutdown, { dom: one, flags: 3 });
    const call = await peer.next(create);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', sent: false });
    await timedOut;
    call.reply({ dom: one });
    await starting;
    const next = await peer.next(shutdown);
    expect(next.args.flags).toBe(3);
    next.reply({});
    await last;
  });

  it('with wrong arguments leave the line', async () => {
    const wrong = client.call(shutdown, { dom: one, flags: -1 });
    await expect(wrong).rejects.toThrow('domainShutdownFlags.flags: must be an integer');
    const right = client.call(shutdown, { dom: one, flags: 0 });
    (await peer.next(shutdown)).reply({});
    await right;
  });
});

describe('calls to the agent in a guest', () => {
  const command = (timeout: number) => ({ dom: one, cmd: '{"execute":"guest-ping"}', timeout, flags: 0 });
  const metadata = { dom: one, type: 0, metadata: 'x', key: null, uri: null, flags: 0 };
  const acpiOnly = { dom: one, flags: 1 };

  /** Makes the changes that need no agent, and expects each of them to be answered. */
  async function changeTheDomain(): Promise<void> {
    const soon = { timeoutMs: 20_000 };
    const answer = async (procedure: typeof suspend | typeof setMetadata | typeof shutdown): Promise<void> =>
      (await peer.next(procedure)).reply({});
    await Promise.all([
      client.call(suspend, { dom: one }, soon),
      client.call(setMetadata, metadata, soon),
      client.call(shutdown, acpiOnly, soon),
      answer(suspend),
      answer(setMetadata),
      answer(shutdown),
    ]);
  }

  it('hold up no change of the domain, though one hangs and its caller has given it up', async () => {
    const controller = new AbortController();
    const hanging = client.call(agentCommand, command(-2), { signal: controller.signal });
    const call = await peer.next(agentCommand);
    controller.abort();
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError', sent: true });
    await changeTheDomain();
    call.fail({ code: 86 });
  });

  it('hold up no change while a freeze hangs, nor while a second call waits behind it', async () => {
    const freezing = client.call(freeze, { dom: one, mountpoints: [], flags: 0 });
    const call = await peer.next(freeze);
    const thawing = client.call(thaw, { dom: one, mountpoints: [], flags: 0 });
    const asking = client.call(getTime, { dom: one, flags: 0 }, { timeoutMs: 5 });
    await expect(asking).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: false });
    await changeTheDomain();
    expect(times('domainFSThaw')).toBe(0);
    call.reply({ filesystems: 1 });
    await freezing;
    (await peer.next(thaw)).reply({ filesystems: 1 });
    await thawing;
  });

  it('with a time of their own end by it, and the next one is sent then', async () => {
    // Afterwards the connection is there: the time of the next call is not spent on opening it.
    const first = client.call(agentCommand, command(5));
    (await peer.next(agentCommand)).reply({ result: '{}' });
    await first;
    const timed = client.call(agentCommand, command(1), { timeoutMs: 20 });
    const call = await peer.next(agentCommand);
    await expect(timed).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: true });
    const second = client.call(agentCommand, command(5));
    await changeTheDomain();
    expect(times('domainAgentCommand')).toBe(2);
    call.fail({ code: 86 });
    (await peer.next(agentCommand)).reply({ result: '{}' });
    expect(await second).toEqual({ result: '{}' });
  });

  it('are sent while a change of the domain is under way', async () => {
    const taking = client.call(snapshot, { dom: one, xml_desc: '<domainsnapshot/>', flags: 0 });
    const taken = await peer.next(snapshot);
    const asking = client.call(agentCommand, command(5));
    (await peer.next(agentCommand)).reply({ result: '{}' });
    await asking;
    taken.fail({ code: 1 });
    await expect(taking).rejects.toThrow();
  });

  it('leave places for other domains: no more than agentCallsMax wait for agents', async () => {
    await client.close();
    client = await LibvirtClient.connect({
      socketPath: peer.socketPath,
      workConnectionsMax: 1,
      window: 2,
      agentCallsMax: 1,
    });
    const hanging = client.call(agentCommand, command(-2));
    const call = await peer.next(agentCommand);
    const elsewhere = client.call(getTime, { dom: other, flags: 0 }, { timeoutMs: 20 });
    await expect(elsewhere).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: false });
    const stopping = client.call(suspend, { dom: other });
    (await peer.next(suspend)).reply({});
    await stopping;
    call.reply({ result: null });
    await hanging;
  });

  it('may be part of a shutdown, which comes after the changes before it and holds up none behind it', async () => {
    const starting = client.call(create, { dom: one, flags: 0 });
    const stopping = client.call(shutdown, { dom: one, flags: 0 });
    const started = await peer.next(create);
    await settled();
    expect(times('domainShutdownFlags')).toBe(0);
    started.reply({ dom: one });
    await starting;
    const asked = await peer.next(shutdown);
    const suspending = client.call(suspend, { dom: one });
    (await peer.next(suspend)).reply({});
    await suspending;
    asked.reply({});
    await stopping;
  });
});

describe('calls that may take long', () => {
  it('are kept below their limit, and quick calls go past them', async () => {
    const doms = [0, 1, 2].map((digit) => ({ ...one, uuid: `${digit}ba7b810-9dad-11d1-80b4-00c04fd430c8` }));
    const starts = doms.map((dom) => client.call(create, { dom, flags: 0 }));
    const calls = [await peer.next(create), await peer.next(create)];
    await settled();
    expect(times('domainCreateWithFlags')).toBe(2);
    const read = client.call(domainGetXMLDesc, { dom: one, flags: 0 });
    (await peer.next(domainGetXMLDesc)).reply({ xml: '' });
    await read;
    for (const call of calls) call.reply({ dom: call.args.dom });
    (await peer.next(create)).reply({ dom: one });
    await Promise.all(starts);
  });

  it('of low priority fill one connection before another is opened, and no more than allowed', async () => {
    const reads = [0, 1, 2, 3, 4, 5].map((flags) => client.call(domainGetXMLDesc, { dom: one, flags }));
    await peer.until(() => times('domainGetXMLDesc') === 4);
    await settled();
    expect(times('domainGetXMLDesc')).toBe(4);
    expect(peer.connectionCount).toBe(3);
    for (let count = 0; count < 6; count++) (await peer.next(domainGetXMLDesc)).reply({ xml: '' });
    await Promise.all(reads);
    expect(peer.connectionCount).toBe(3);
  });
});

it('the time a call may take includes the lines it waits in', async () => {
  await client.close();
  client = await LibvirtClient.connect({ socketPath: peer.socketPath, callTimeoutMs: 30 });
  const starting = client.call(create, { dom: one, flags: 0 }, { timeoutMs: 60_000 });
  const call = await peer.next(create);
  const stopping = client.call(shutdown, { dom: one, flags: 0 });
  await expect(stopping).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: false, timeoutMs: 30 });
  const reading = client.call(domainGetXMLDesc, { dom: one, flags: 0 });
  await expect(reading).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: true });
  const timeout = (await reading.catch((error: unknown) => error)) as LibvirtTimeoutError;
  expect(timeout.message).toMatch(/no answer within \d+ ms;/);
  expect(Number.isInteger(timeout.timeoutMs)).toBe(true);
  call.reply({ dom: one });
  await starting;
});
