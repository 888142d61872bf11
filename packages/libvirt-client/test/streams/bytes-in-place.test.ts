import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, unixDialer, type Dialer, type LibvirtStream } from '../../src/index.js';
import { ScriptedPeer, type ScriptedCall } from '../../src/testing/index.js';
import type { Transport } from '../../src/transport/transport.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const { domainOpenConsole } = procedures;
/** More than a socket takes at once, so that it takes parts of packets. */
const LARGE_BYTES = 3 * 1024 * 1024;

let peer: ScriptedPeer;
let connection: RpcConnection;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
});

afterEach(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

async function openConsole(dial?: Dialer): Promise<{ stream: LibvirtStream; call: ScriptedCall<unknown, object> }> {
  connection = await RpcConnection.open({ socketPath: peer.socketPath, ...(dial !== undefined && { dial }) });
  const opening = connection.openStream(domainOpenConsole, { dom, dev_name: null, flags: 0 });
  const call = await peer.next(domainOpenConsole);
  call.reply({});
  return { stream: await opening, call };
}

/** Dials the peer, and lets the test stand between the connection and its transport. */
function through(wrap: (transport: Transport) => Partial<Transport>): Dialer {
  return async (listener, options) => {
    const transport = await unixDialer(peer.socketPath)(listener, options);
    const { write, pause, resume, destroy } = transport;
    return { write, pause, resume, destroy, bufferedBytes: 0, ...wrap(transport) };
  };
}

function sentBytes(): number {
  return peer.packets.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

describe('bytes that are written', () => {
  it('may be changed as soon as the write has resolved, however the socket takes them', async () => {
    const { stream } = await openConsole();
    const chunk = Buffer.alloc(LARGE_BYTES);
    for (const letter of ['a', 'b', 'c']) await stream.write(chunk.fill(letter));
    chunk.fill('x');
    await peer.until(() => sentBytes() === 3 * LARGE_BYTES);
    const all = Buffer.concat(peer.packets.map(({ bytes }) => bytes));
    const expected = ['a', 'b', 'c'].map((letter) => Buffer.alloc(LARGE_BYTES, letter));
    expect(all.equals(Buffer.concat(expected))).toBe(true);
    expect(peer.packets.every(({ bytes }) => bytes.length <= 262_120)).toBe(true);
  });

  it('keep their order with what was said before and after', async () => {
    const { stream, call } = await openConsole();
    const small = stream.write(Buffer.from('small'));
    const large = stream.write(Buffer.alloc(100_000, 'l'));
    const finished = stream.finish();
    await peer.until(() => peer.packets.length === 3);
    expect(peer.packets.map(({ status, bytes }) => [status, bytes.length])).toEqual([
      [2, 5],
      [2, 100_000],
      [0, 0],
    ]);
    call.finishStream();
    await Promise.all([small, large, finished]);
  });

  it('are not taken before the transport says so', async () => {
    let tellTaken: (() => void) | undefined;
    const writeParts = (_: unknown, taken: () => void): void => void (tellTaken = taken);
    const { stream } = await openConsole(through(() => ({ writeParts })));
    let isWritten = false;
    const written = stream.write(Buffer.alloc(100_000)).then(() => (isWritten = true));
    await connection.call(procedures.connectGetLibVersion, {}, { timeoutMs: 1 }).catch(() => undefined);
    expect(isWritten).toBe(false);
    tellTaken?.();
    await written;
  });

  it('fail when the connection ends before they are taken', async () => {
    const { stream } = await openConsole(through(() => ({ writeParts: () => undefined })));
    const written = stream.write(Buffer.alloc(100_000));
    peer.hangUp();
    await expect(written).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost', sent: true });
  });

  it('fail soon when the peer is gone, although every write is followed by another', async () => {
    const { stream } = await openConsole();
    const chunk = Buffer.alloc(LARGE_BYTES);
    const writing = (async () => {
      for (;;) await stream.write(chunk);
    })();
    peer.hangUp();
    await expect(writing).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost', sent: true });
  });

  it('are copied for a transport that has no other way', async () => {
    const written: Buffer[] = [];
    const dial = through(({ write }) => ({
      write(bytes) {
        written.push(bytes);
        write(bytes);
      },
    }));
    const { stream } = await openConsole(dial);
    const chunk = Buffer.alloc(100_000, 'a');
    await stream.write(chunk);
    chunk.fill('x');
    const packet = written.at(-1);
    expect(packet?.subarray(28).equals(Buffer.alloc(100_000, 'a'))).toBe(true);
  });
});

describe('bytes that are received', () => {
  it('stay as they came while more comes, in packets of any size', async () => {
    const { stream, call } = await openConsole();
    const sizes = [10, 70_000, 262_120, 65_536 - 28, 1, 600_000, 65_537];
    for (const [nth, size] of sizes.entries()) call.sendStream(Buffer.alloc(size, nth));
    call.sendStream(Buffer.alloc(0));
    call.finishStream();
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ length }) => length)).toEqual(sizes);
    expect(chunks.every((chunk, nth) => chunk.every((byte) => byte === nth))).toBe(true);
  });
});
