import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, type LibvirtStream } from '../../src/index.js';
import { ScriptedPeer, type ScriptedCall } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const { domainOpenConsole } = procedures;
const PACKET_BYTES = 262_120;

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

async function opened(): Promise<{ stream: LibvirtStream; call: ScriptedCall<unknown, object> }> {
  const opening = connection.openStream(domainOpenConsole, { dom, dev_name: null, flags: 0 });
  const call = await peer.next(domainOpenConsole);
  call.reply({});
  return { stream: await opening, call };
}

/** Everything, through one buffer that is used again and again. */
async function allOf(stream: LibvirtStream, bufferBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bufferBytes);
  const parts: Buffer[] = [];
  for (let bytes = await stream.readInto(buffer); bytes > 0; bytes = await stream.readInto(buffer)) {
    parts.push(Buffer.from(buffer.subarray(0, bytes)));
  }
  return Buffer.concat(parts);
}

describe('reading a stream into memory of one’s own', () => {
  it.each([1_000, 262_120, 300_000, 1_048_576])('gives every byte once and in order, %i at a time', async (size) => {
    const content = randomBytes(12 * PACKET_BYTES + 12_345);
    const { stream, call } = await opened();
    const read = allOf(stream, size);
    for (let at = 0; at < content.length; at += PACKET_BYTES) call.sendStream(content.subarray(at, at + PACKET_BYTES));
    call.sendStream(Buffer.alloc(0));
    await peer.until(() => peer.packets.some(({ type, status }) => type === 3 && status === 0));
    call.finishStream();
    expect((await read).equals(content)).toBe(true);
  });

  it('does not give away memory that an iteration has handed out', async () => {
    const content = randomBytes(6 * PACKET_BYTES);
    const { stream, call } = await opened();
    for (let at = 0; at < content.length; at += PACKET_BYTES) call.sendStream(content.subarray(at, at + PACKET_BYTES));
    call.sendStream(Buffer.alloc(0));
    call.finishStream();
    const kept: Uint8Array[] = [];
    for await (const chunk of stream) kept.push(chunk);
    expect(Buffer.concat(kept).equals(content)).toBe(true);
  });

  it('rejects with what the stream failed with', async () => {
    const { stream, call } = await opened();
    call.sendStream(Buffer.from('some'));
    const buffer = Buffer.alloc(16);
    expect(await stream.readInto(buffer)).toBe(4);
    const reading = stream.readInto(buffer);
    peer.hangUp();
    await expect(reading).rejects.toMatchObject({ sent: true });
  });
});
