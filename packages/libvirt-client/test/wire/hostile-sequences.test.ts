import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';
import { PacketStatus, PacketType, type PacketHeader, writePacket } from '../../src/wire/packet.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 1 };
const volume = { pool: 'p', name: 'v', key: 'k' };
const download = { vol: volume, offset: 0n, length: 0n, flags: 0 };
const { domainGetState, domainGetInfo, domainEventCallbackLifecycle, storageVolDownload } = procedures;
const { program } = domainGetState;

let peer: ScriptedPeer;
let connection: RpcConnection;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  connection = await RpcConnection.open({ socketPath: peer.socketPath });
});

afterEach(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

/** A packet of the remote program. */
function packet(header: Partial<PacketHeader>, payload: Uint8Array = new Uint8Array()): Buffer {
  const writer = new XdrWriter();
  const usual = { program: program.number, version: program.version, procedure: domainGetState.number };
  writePacket(writer, { ...usual, type: PacketType.REPLY, serial: 1, status: PacketStatus.OK, ...header }, () =>
    writer.rest(payload),
  );
  return writer.bytes();
}

/** The connection is given up, and the pending call with it; nothing else happens. */
async function expectRefusal(bytes: Uint8Array): Promise<void> {
  const pending = connection.call(domainGetState, { dom, flags: 0 }).catch((error: unknown) => error);
  await peer.next(domainGetState);
  peer.send(bytes);
  expect(await pending).toMatchObject({ name: 'LibvirtConnectionError', reason: 'protocol', sent: true });
  expect(await connection.closed).toMatchObject({ reason: 'protocol' });
}

describe('a peer is refused that sends', () => {
  it.each<[string, Buffer]>([
    ['a reply to a call that nobody has made', packet({ serial: 4_711 })],
    ['a call', packet({ type: PacketType.CALL })],
    ['a packet of a type that does not exist', packet({ type: 99 })],
    ['a reply with the status of a stream', packet({ serial: 4, status: PacketStatus.CONTINUE })],
    ['an event that is cut off', packet({ type: PacketType.EVENT, procedure: domainEventCallbackLifecycle.number })],
  ])('%s', async (_what, bytes) => {
    await expectRefusal(bytes);
  });

  it('the reply of another procedure', async () => {
    const pending = connection.call(domainGetState, { dom, flags: 0 }).catch((error: unknown) => error);
    const { serial } = await peer.next(domainGetState);
    peer.send(packet({ serial, procedure: domainGetInfo.number }, new Uint8Array(32)));
    expect(await pending).toMatchObject({ reason: 'protocol', sent: true });
  });

  it('two replies to one call, after the first has counted', async () => {
    const pending = connection.call(domainGetState, { dom, flags: 0 });
    const call = await peer.next(domainGetState);
    const reply = call.replyBytes({ state: 1, reason: 2 });
    peer.send(Buffer.concat([reply, reply]));
    expect(await pending).toEqual({ state: 1, reason: 2 });
    expect(await connection.closed).toMatchObject({ reason: 'protocol' });
  });

  it('a stream without end ahead of the reply that opens it', async () => {
    const opening = connection.openStream(storageVolDownload, download).catch((error: unknown) => error);
    const call = await peer.next(storageVolDownload);
    const chunk = new Uint8Array(1024 * 1024);
    for (let mib = 0; mib < 34; mib++) call.sendStream(chunk);
    expect(await opening).toMatchObject({ reason: 'protocol', sent: true });
  });
});

describe('a peer is borne that sends', () => {
  it('an event nobody has registered for, and data of a stream nobody has opened', async () => {
    const event = { callbackID: 99, msg: { dom, event: 1, detail: 2 } };
    peer.sendEvent(domainEventCallbackLifecycle, event);
    const data = { type: PacketType.STREAM, serial: 4_711, status: PacketStatus.CONTINUE };
    peer.send(packet({ ...data, procedure: storageVolDownload.number }, Buffer.from('lost')));
    peer.answer(domainGetState, () => ({ state: 1, reason: 1 }));
    expect(await connection.call(domainGetState, { dom, flags: 0 })).toEqual({ state: 1, reason: 1 });
  });

  it('the whole content of a stream ahead of the reply that opens it, as libvirtd does now and then', async () => {
    const opening = connection.openStream(storageVolDownload, download);
    const call = await peer.next(storageVolDownload);
    call.sendStream(Buffer.from('early'));
    call.sendStream(new Uint8Array());
    call.reply({});
    const stream = await opening;
    const parts: Uint8Array[] = [];
    const reading = (async () => {
      for await (const part of stream) parts.push(part);
    })();
    await peer.until(() => peer.packets.length > 0);
    call.finishStream();
    await reading;
    expect(Buffer.concat(parts).toString()).toBe('early');
  });

  it('the failure of a stream ahead of the reply that opens it', async () => {
    const opening = connection.openStream(storageVolDownload, download);
    const call = await peer.next(storageVolDownload);
    call.failStream({ code: 38 });
    call.reply({});
    const stream = await opening;
    const reading = stream[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ code: 38 });
    await stream.ended;
  });
});
