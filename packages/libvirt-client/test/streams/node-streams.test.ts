import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { duplexOf, procedures, readableOf, RpcConnection, writableOf, type LibvirtStream } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const { domainOpenConsole } = procedures;

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

function open(): Promise<LibvirtStream> {
  return connection.openStream(domainOpenConsole, { dom, dev_name: null, flags: 0 });
}

function sent(): { status: number; text: string }[] {
  return peer.packets.map(({ status, bytes }) => ({ status, text: Buffer.from(bytes).toString() }));
}

/** Everything that comes, until the end. */
async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('data that overtakes the reply', () => {
  it('is not lost', async () => {
    const opening = open();
    const call = await peer.next(domainOpenConsole);
    call.sendStream(Buffer.from('early'));
    call.sendStream(Buffer.alloc(0));
    call.reply({});
    call.finishStream();
    expect(Buffer.concat(await all(await opening)).toString()).toBe('early');
  });

  it('does not make a stream of a call that fails', async () => {
    const opening = open();
    const call = await peer.next(domainOpenConsole);
    call.sendStream(Buffer.from('early'));
    call.fail({ code: 1, message: 'no' });
    await expect(opening).rejects.toMatchObject({ code: 1 });
    expect(peer.packets).toEqual([]);
  });
});

describe('a Readable', () => {
  it('ends with the data', async () => {
    const readable = readableOf(open);
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    call.sendStream(Buffer.from('all'));
    call.sendStream(Buffer.alloc(0));
    call.finishStream();
    expect(Buffer.concat(await readable.toArray()).toString()).toBe('all');
  });

  it('that is destroyed aborts the stream', async () => {
    const readable = readableOf(open);
    const call = await peer.next(domainOpenConsole);
    const closed = new Promise((resolve) => readable.once('close', resolve));
    call.reply({});
    call.sendStream(Buffer.from('some'));
    for await (const chunk of readable.iterator({ destroyOnReturn: false })) {
      expect(String(chunk)).toBe('some');
      break;
    }
    readable.destroy();
    await peer.until(() => sent().length > 0);
    expect(sent()).toEqual([{ status: 1, text: '' }]);
    call.finishStream();
    await closed;
  });

  it('fails as its opening does', async () => {
    const readable = readableOf(open);
    (await peer.next(domainOpenConsole)).fail({ code: 42, message: 'no such domain' });
    await expect(readable.toArray()).rejects.toMatchObject({ name: 'LibvirtError', code: 42 });
  });
});

describe('a Writable', () => {
  it('has finished when the daemon has confirmed everything', async () => {
    let isFinished = false;
    const writing = pipeline(Readable.from(['one ', 'two']), writableOf(open)).then(() => (isFinished = true));
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    await peer.until(() => sent().some(({ status }) => status === 0));
    expect(isFinished).toBe(false);
    call.finishStream();
    await writing;
    expect(sent()).toEqual([
      { status: 2, text: 'one ' },
      { status: 2, text: 'two' },
      { status: 0, text: '' },
    ]);
  });

  it('is told at once when the daemon gives the stream up, though nothing is being written', async () => {
    const writable = writableOf(open);
    const failed = new Promise((resolve) => writable.once('error', resolve));
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    call.failStream({ code: 38, message: 'disk full' });
    expect(await failed).toMatchObject({ name: 'LibvirtError', code: 38 });
  });

  it('whose signal is aborted aborts the stream', async () => {
    const controller = new AbortController();
    const writable = writableOf(open, 'dense', controller.signal);
    const failed = new Promise((resolve) => writable.once('error', resolve));
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    await new Promise<void>((resolve) => void writable.write('part', () => resolve()));
    controller.abort();
    await peer.until(() => sent().length > 1);
    call.finishStream();
    expect(await failed).toMatchObject({ name: 'AbortError' });
    expect(sent().at(-1)).toEqual({ status: 1, text: '' });
  });
});

describe('a Duplex', () => {
  it('carries both directions, and ends with the guest', async () => {
    const duplex = duplexOf(open);
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    duplex.write('who?');
    await peer.until(() => sent().length > 0);
    call.sendStream(Buffer.from('me'));
    call.sendStream(Buffer.alloc(0));
    call.finishStream();
    expect(Buffer.concat(await duplex.toArray()).toString()).toBe('me');
    expect(sent()[0]).toEqual({ status: 2, text: 'who?' });
  });
});
