import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtClient, procedures } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const one = { name: 'one', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const other = { name: 'other', uuid: '7ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const { domainCreateWithFlags: create, domainDefineXMLFlags: define, domainGetState, domainGetXMLDesc } = procedures;
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
  call.reply({ dom: one });
  await starting;
});
