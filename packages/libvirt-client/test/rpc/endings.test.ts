import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, type LibvirtConnectionError } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const { domainGetState, domainGetXMLDesc } = procedures;

let peer: ScriptedPeer;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
});

afterEach(async () => {
  await peer[Symbol.asyncDispose]();
});

/** Two calls, of which the second waits in line, and how they fail. */
async function twoCalls(connection: RpcConnection): Promise<() => Promise<LibvirtConnectionError[]>> {
  const calls = [0, 1].map((flags) => connection.call(domainGetXMLDesc, { dom, flags }));
  const failures = calls.map((call) => call.catch((error: unknown) => error as LibvirtConnectionError));
  await peer.until(() => peer.calls.includes('domainGetXMLDesc'));
  return async () => (await Promise.all(failures)) as LibvirtConnectionError[];
}

describe('a connection that is lost', () => {
  it('fails the calls that were sent as sent, and the others as not sent', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1 });
    const failures = await twoCalls(connection);
    peer.hangUp();
    const [sent, waiting] = await failures();
    expect(sent).toMatchObject({ reason: 'lost', sent: true, procedure: 'domainGetXMLDesc' });
    expect(waiting).toMatchObject({ reason: 'lost', sent: false });
    expect(sent?.message).toMatch(/outcome is unknown/);
    const late = connection.call(domainGetState, { dom, flags: 0 });
    await expect(late).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost', sent: false });
    expect(await connection.closed).toMatchObject({ reason: 'lost', error: { sent: false } });
  });

  it('in the middle of a packet says so', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    const call = await peer.next(domainGetState);
    peer.send(call.replyBytes({ state: 1, reason: 1 }).subarray(0, 30));
    peer.end();
    await expect(result).rejects.toThrow(/hung up in the middle of a packet/);
  });

  it('by silence is noticed', async () => {
    const keepalive = { intervalMs: 50, countMax: 2 };
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, keepalive });
    peer.ignoreKeepalive();
    const result = connection.call(domainGetState, { dom, flags: 0 });
    await expect(result).rejects.toMatchObject({ reason: 'silent', sent: true });
    expect(peer.packets.filter(({ procedure }) => procedure === 1)).toHaveLength(2);
    expect(await connection.closed).toMatchObject({ reason: 'silent' });
  });

  it('is not one whose peer only answers keepalive', async () => {
    const keepalive = { intervalMs: 50, countMax: 3 };
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, keepalive });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    await peer.until(() => peer.packets.length >= 5);
    (await peer.next(domainGetState)).reply({ state: 1, reason: 1 });
    expect(await result).toEqual({ state: 1, reason: 1 });
  });
});

describe('a peer that asks for a sign of life', () => {
  it('gets it, whatever is pending', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const keepalive = { program: 0x6b656570, version: 1, type: 2, serial: 0, status: 0 };
    peer.sendPacket({ ...keepalive, procedure: 1 });
    await peer.until(() => peer.packets.length > 0);
    expect(peer.packets).toEqual([{ ...keepalive, procedure: 2, bytes: new Uint8Array() }]);
    expect(connection.load).toBe(0);
  });
});

describe('a peer that does not keep to the protocol', () => {
  const good = { program: 0x20008086, version: 1, procedure: 212, type: 1, serial: 4, status: 0 };
  const badLength = Buffer.alloc(28);
  badLength.writeUInt32BE(27, 0);

  it.each([
    ['a length out of range', (): void => peer.send(badLength)],
    ['a reply to a serial nobody has', (): void => peer.sendPacket({ ...good, serial: 99 })],
    ['a reply of another procedure', (): void => peer.sendPacket({ ...good, procedure: 213 })],
    ['a reply that is too short', (): void => peer.sendPacket(good)],
    ['an error that is none', (): void => peer.sendPacket({ ...good, status: 1 })],
    ['a reply with an unknown status', (): void => peer.sendPacket({ ...good, status: 3 })],
    ['a call', (): void => peer.sendPacket({ ...good, type: 0 })],
    ['an event without content', (): void => peer.sendPacket({ ...good, procedure: 318, type: 2 })],
  ])('is hung up on: %s', async (_, misbehave) => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    const { serial } = await peer.next(domainGetState);
    expect(serial).toBe(4);
    misbehave();
    await expect(result).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'protocol', sent: true });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('is hung up on: a reply that is too long', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    const bytes = Buffer.concat([
      (await peer.next(domainGetState)).replyBytes({ state: 1, reason: 1 }),
      Buffer.alloc(4),
    ]);
    bytes.writeUInt32BE(bytes.length, 0);
    peer.send(bytes);
    await expect(result).rejects.toThrow(/4 bytes too many/);
  });
});

describe('closing', () => {
  it('says goodbye, fails what is pending, and can be repeated', async () => {
    const connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1 });
    const failures = await twoCalls(connection);
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    const [sent, waiting] = await failures();
    expect(sent).toMatchObject({ reason: 'closed', sent: true });
    expect(waiting).toMatchObject({ reason: 'closed', sent: false });
    expect(peer.calls.filter((name) => name === 'connectClose')).toHaveLength(1);
    expect(await connection.closed).toEqual({ reason: 'closed' });
    const late = connection.call(domainGetState, { dom, flags: 0 });
    await expect(late).rejects.toMatchObject({ reason: 'closed', sent: false });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('does not wait for a daemon that is beyond answering', async () => {
    const connection = await RpcConnection.open({ socketPath: peer.socketPath });
    peer.hold(procedures.connectClose);
    await connection.close();
    expect(await connection.closed).toEqual({ reason: 'closed' });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('of a connection that is lost already does nothing', async () => {
    const connection = await RpcConnection.open({ socketPath: peer.socketPath });
    peer.hangUp();
    await connection.closed;
    await connection.close();
    expect(await connection.closed).toMatchObject({ reason: 'lost' });
  });
});
