import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, StorageVolume } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const { storageVolDownload, storageVolUpload } = procedures;
const facts = { pool: 'pool', name: 'disk', key: '/pool/disk' };
const SPARSE = 1;

let peer: ScriptedPeer;
let connection: RpcConnection;
let volume: StorageVolume;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  connection = await RpcConnection.open({ socketPath: peer.socketPath });
  volume = new StorageVolume(connection, facts);
});

afterEach(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

/** What the client has sent of its stream: bytes as text, holes as their length, the end as its status. */
function sent(): (string | bigint | number)[] {
  return peer.packets.map(({ type, status, bytes }) => {
    if (type === 6) return Buffer.from(bytes).readBigInt64BE();
    return status === 2 ? Buffer.from(bytes).toString() : status;
  });
}

/** Everything that comes, until the end. */
async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('a sparse download', () => {
  it('gives holes as holes, and as zeros to who wants bytes', async () => {
    for (const wanted of ['parts', 'bytes'] as const) {
      const opening = volume.download(0n, 0n, SPARSE);
      const call = await peer.next(storageVolDownload);
      call.reply({});
      call.sendStream(Buffer.from('ab'));
      call.sendHole(600_000n);
      call.sendStream(Buffer.from('cd'));
      call.sendStream(Buffer.alloc(0));
      call.finishStream();
      const stream = await opening;
      if (wanted === 'parts') {
        expect(await all(stream.parts())).toEqual([
          new Uint8Array(Buffer.from('ab')),
          { holeBytes: 600_000n },
          new Uint8Array(Buffer.from('cd')),
        ]);
      } else {
        const bytes = Buffer.concat(await all(stream));
        expect(bytes.equals(Buffer.concat([Buffer.from('ab'), Buffer.alloc(600_000), Buffer.from('cd')]))).toBe(true);
      }
    }
  });

  it('of a hole without end is taken in pieces, and ends when it is left', async () => {
    const opening = volume.download(0n, 0n, SPARSE);
    const call = await peer.next(storageVolDownload);
    call.reply({});
    call.sendHole(2n ** 62n);
    const stream = await opening;
    const taking = (async () => {
      for await (const zeros of stream) return zeros.length;
      return 0;
    })();
    await peer.until(() => sent().includes(1));
    call.finishStream();
    expect(await taking).toBe(256 * 1024);
  });
});

describe('holes that nobody has asked for', () => {
  it('end the connection when they come', async () => {
    const opening = volume.download(0n, 0n);
    const call = await peer.next(storageVolDownload);
    call.reply({});
    call.sendHole(4096n);
    await expect(all(await opening)).rejects.toMatchObject({ reason: 'protocol' });
  });

  it('end the connection when they are shorter than nothing', async () => {
    const opening = volume.download(0n, 0n, SPARSE);
    const call = await peer.next(storageVolDownload);
    call.reply({});
    call.sendHole(-1n);
    await expect(all(await opening)).rejects.toMatchObject({ reason: 'protocol' });
  });

  it('are not sent: the daemon would hang up', async () => {
    const opening = volume.upload(0n, 0n);
    const call = await peer.next(storageVolUpload);
    call.reply({});
    const stream = await opening;
    await expect(stream.writeHole(4096n)).rejects.toMatchObject({ name: 'LibvirtArgumentError' });
    call.finishStream();
    await stream.finish();
  });
});

describe('a sparse write stream', () => {
  it('sends blocks of zeros as holes, and everything else as it is', async () => {
    const block = 4096;
    const bytes = Buffer.concat([
      Buffer.alloc(2 * block),
      Buffer.alloc(block, 'x'),
      Buffer.alloc(block),
      Buffer.from(`y${'\0'.repeat(10)}`),
    ]);
    const writing = pipeline(Readable.from([bytes]), volume.createWriteStream({ content: 'sparse', offset: 512n }));
    const call = await peer.next(storageVolUpload);
    expect(call.args).toEqual({ vol: facts, offset: 512n, length: 0n, flags: SPARSE });
    call.reply({});
    await peer.until(() => sent().includes(0));
    call.finishStream();
    await writing;
    expect(sent()).toEqual([8192n, 'x'.repeat(block), 4096n, `y${'\0'.repeat(10)}`, 0]);
  });
});
