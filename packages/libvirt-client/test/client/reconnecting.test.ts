import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtClient, procedures, type ClientState } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'one', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const { connectDomainEventCallbackRegisterAny: register, domainEventCallbackLifecycle: lifecycle } = procedures;
const { domainGetState, domainGetXMLDesc, domainOpenConsole } = procedures;

let peer: ScriptedPeer;
let client: LibvirtClient;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  peer.answer(domainGetState, () => ({ state: 1, reason: 1 }));
  client = await LibvirtClient.connect({
    socketPath: peer.socketPath,
    reconnect: { delayMinMs: 1, delayMaxMs: 4 },
  });
});

afterEach(async () => {
  await client.close();
  await peer[Symbol.asyncDispose]();
});

describe('a client whose daemon goes away', () => {
  it('fails at once what was sent, refuses what comes, and is there again when the daemon is', async () => {
    const states: ClientState[] = [];
    const watching = (async () => {
      for await (const state of client.stateChanges()) states.push(state);
    })();
    const slow = client.call(domainGetXMLDesc, { dom, flags: 0 });
    await peer.next(domainGetXMLDesc);
    const disconnected = untilState('disconnected');
    await peer.stopListening();
    await expect(slow).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost', sent: true });
    await disconnected;
    expect(client.state).toBe('disconnected');
    const refused = { name: 'LibvirtConnectionError', sent: false };
    await expect(client.call(domainGetState, { dom, flags: 0 })).rejects.toMatchObject(refused);
    await expect(client.call(domainGetXMLDesc, { dom, flags: 0 })).rejects.toMatchObject(refused);
    await expect(client.openStream(domainOpenConsole, { dom, dev_name: null, flags: 0 })).rejects.toMatchObject(
      refused,
    );
    await peer.startListening();
    await client.whenConnected();
    expect(await client.call(domainGetState, { dom, flags: 0 })).toEqual({ state: 1, reason: 1 });
    const read = client.call(domainGetXMLDesc, { dom, flags: 0 });
    (await peer.next(domainGetXMLDesc)).reply({ xml: '' });
    expect(await read).toEqual({ xml: '' });
    await client.close();
    await watching;
    expect(states).toEqual(['connected', 'disconnected', 'connected', 'closed']);
  });

  it('registers its subscriptions anew and tells their takers that events may be missing', async () => {
    let callbackID = 10;
    peer.answer(register, () => ({ callbackID: callbackID++ }));
    const subscription = await client.domainEventRegisterAny('lifecycle');
    const iterator = subscription[Symbol.asyncIterator]();
    peer.sendEvent(lifecycle, { callbackID: 10, msg: { dom, event: 2, detail: 0 } });
    expect(await iterator.next()).toMatchObject({ value: { kind: 'event', event: { event: 2 } } });
    peer.hangUp();
    expect(await iterator.next()).toEqual({ done: false, value: { kind: 'resync', reason: 'reconnected' } });
    peer.sendEvent(lifecycle, { callbackID: 11, msg: { dom, event: 3, detail: 0 } });
    expect(await iterator.next()).toMatchObject({ value: { kind: 'event', event: { event: 3 } } });
    await subscription.close();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    peer.hangUp();
    await untilState('disconnected');
    await client.whenConnected();
    expect(peer.calls.filter((name) => name === register.name)).toHaveLength(2);
  });

  it('ends a subscription that the new daemon refuses, and only that', async () => {
    peer.answer(register, ({ args }) => ({ callbackID: args.eventID }));
    const refused = await client.domainEventRegisterAny('lifecycle');
    const kept = await client.domainEventRegisterAny('reboot');
    peer.hold(register);
    peer.hangUp();
    for (let count = 0; count < 2; count++) {
      const call = await peer.next(register);
      if (call.args.eventID === 0) call.fail({ code: 3, message: 'no lifecycle' });
      else call.reply({ callbackID: 1 });
    }
    await expect(refused[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'LibvirtError', code: 3 });
    const resync = { kind: 'resync', reason: 'reconnected' };
    expect(await kept[Symbol.asyncIterator]().next()).toEqual({ done: false, value: resync });
  });

  it('waits for an attempt that is under way, but not longer than it may', async () => {
    peer.hold(procedures.authList);
    peer.hangUp();
    const auth = await peer.next(procedures.authList);
    const waiting = client.call(domainGetState, { dom, flags: 0 });
    const impatient = client.call(domainGetState, { dom, flags: 0 }, { timeoutMs: 5 });
    await expect(impatient).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: false });
    await expect(client.whenConnected({ timeoutMs: 5 })).rejects.toMatchObject({ name: 'LibvirtTimeoutError' });
    auth.reply({ types: [0] });
    expect(await waiting).toEqual({ state: 1, reason: 1 });
  });
});

describe('a client', () => {
  it('is not made when the first attempt fails, or is given up', async () => {
    const nowhere = LibvirtClient.connect({ socketPath: `${peer.socketPath}-nowhere` });
    await expect(nowhere).rejects.toMatchObject({ reason: 'unreachable', sent: false });
    peer.hold(procedures.connectOpen);
    const controller = new AbortController();
    const connecting = LibvirtClient.connect({ socketPath: peer.socketPath, signal: controller.signal });
    await peer.next(procedures.connectOpen);
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ name: 'AbortError', sent: false });
    await peer.until(() => peer.connectionCount === 1);
  });

  it('gives each stream a connection of its own, which ends with it', async () => {
    const opening = client.openStream(domainOpenConsole, { dom, dev_name: null, flags: 0 });
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    const stream = await opening;
    expect(peer.connectionCount).toBe(2);
    call.sendStream(Buffer.from('login: '));
    const iterator = stream[Symbol.asyncIterator]();
    expect(Buffer.from((await iterator.next()).value ?? []).toString()).toBe('login: ');
    const aborting = stream.abort();
    await peer.until(() => peer.packets.some(({ type }) => type === 3));
    call.finishStream();
    await aborting;
    await peer.until(() => peer.connectionCount === 1);
  });

  it('that is closed leaves nothing open and refuses what comes', async () => {
    peer.answer(register, () => ({ callbackID: 1 }));
    const subscription = await client.domainEventRegisterAny('lifecycle');
    const read = client.call(domainGetXMLDesc, { dom, flags: 0 });
    const failed = expect(read).rejects.toMatchObject({ reason: 'closed', sent: true });
    await peer.next(domainGetXMLDesc);
    await Promise.all([client.close(), client.close()]);
    await failed;
    expect(await subscription[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    await peer.until(() => peer.connectionCount === 0);
    const refused = { name: 'LibvirtConnectionError', reason: 'closed', sent: false };
    await expect(client.call(domainGetState, { dom, flags: 0 })).rejects.toMatchObject(refused);
    await expect(client.call(domainGetXMLDesc, { dom, flags: 0 })).rejects.toMatchObject(refused);
    await expect(client.whenConnected()).rejects.toMatchObject(refused);
    await subscription.close();
  });

  it('that is closed while it reconnects stops trying', async () => {
    await peer.stopListening();
    await untilState('disconnected');
    await client.close();
    await peer.startListening();
    expect(client.state).toBe('closed');
  });
});

async function untilState(wanted: ClientState): Promise<void> {
  for await (const state of client.stateChanges()) if (state === wanted) return;
}
