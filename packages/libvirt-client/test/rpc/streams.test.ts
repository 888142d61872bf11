import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, unixDialer, type Dialer, type LibvirtStream } from '../../src/index.js';
import { ScriptedPeer, type ScriptedCall } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const { domainOpenConsole } = procedures;
const args = { dom, dev_name: null, flags: 0 };

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

async function openConsole(): Promise<{ stream: LibvirtStream; call: ScriptedCall<unknown, object> }> {
  const opening = connection.openStream(domainOpenConsole, args);
  const call = await peer.next(domainOpenConsole);
  call.reply({});
  return { stream: await opening, call };
}

/** The packets of a stream that the client has sent, by their status. */
function sent(): { status: number; text: string }[] {
  const packets = peer.packets.filter(({ type }) => type === 3);
  return packets.map(({ status, bytes }) => ({ status, text: Buffer.from(bytes).toString() }));
}

async function textOf(stream: LibvirtStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += Buffer.from(chunk).toString();
  return text;
}

describe('a stream', () => {
  it('gives the data in order, ends with it, and confirms the end', async () => {
    const { stream, call } = await openConsole();
    call.sendStream(Buffer.from('one '));
    call.sendStream(Buffer.from('two'));
    call.sendStream(Buffer.alloc(0));
    const text = textOf(stream);
    await peer.until(() => sent().length > 0);
    call.finishStream();
    expect(await text).toBe('one two');
    expect(sent()).toEqual([{ status: 0, text: '' }]);
  });

  it('has data that came in the same chunk as the reply', async () => {
    const opening = connection.openStream(domainOpenConsole, args);
    const call = await peer.next(domainOpenConsole);
    call.reply({});
    call.sendStream(Buffer.from('early'));
    call.finishStream();
    expect(await textOf(await opening)).toBe('early');
  });

  it('takes bytes in packets of the size the daemon takes', async () => {
    const { stream, call } = await openConsole();
    await stream.write(Buffer.alloc(262_121, 'x'));
    await peer.until(() => sent().length >= 2);
    expect(sent().map(({ status, text }) => [status, text.length])).toEqual([
      [2, 262_120],
      [2, 1],
    ]);
    const finished = stream.finish();
    await peer.until(() => sent().length >= 3);
    call.finishStream();
    await finished;
    await expect(stream.write(Buffer.from('late'))).rejects.toMatchObject({ reason: 'closed', sent: false });
  });

  it('that the daemon fails throws its error to the taker and the writer', async () => {
    const { stream, call } = await openConsole();
    call.sendStream(Buffer.from('some'));
    call.failStream({ code: 38, message: 'disk on fire' });
    call.sendStream(Buffer.from('ignored'));
    const chunks: string[] = [];
    const taking = (async () => {
      for await (const chunk of stream) chunks.push(Buffer.from(chunk).toString());
    })();
    await expect(taking).rejects.toMatchObject({ name: 'LibvirtError', code: 38, procedure: 'domainOpenConsole' });
    expect(chunks).toEqual(['some']);
    await expect(stream.write(Buffer.from('x'))).rejects.toMatchObject({ code: 38 });
    await stream.abort();
  });

  it('that the taker leaves is aborted', async () => {
    const { stream, call } = await openConsole();
    call.sendStream(Buffer.from('some'));
    const taking = (async () => {
      for await (const chunk of stream) return Buffer.from(chunk).toString();
      return undefined;
    })();
    await peer.until(() => sent().length > 0);
    expect(sent()).toEqual([{ status: 1, text: '' }]);
    call.sendStream(Buffer.from('under way'));
    call.finishStream();
    expect(await taking).toBe('some');
    await stream.ended;
  });

  it('that opens after its caller has given up is aborted', async () => {
    const controller = new AbortController();
    const opening = connection.openStream(domainOpenConsole, args, { signal: controller.signal });
    const call = await peer.next(domainOpenConsole);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError', sent: true });
    call.reply({});
    await peer.until(() => sent().length > 0);
    expect(sent()).toEqual([{ status: 1, text: '' }]);
  });

  it('fails with its connection', async () => {
    const { stream } = await openConsole();
    const taking = textOf(stream);
    peer.hangUp();
    await expect(taking).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost', sent: true });
    await stream.abort();
  });

  it('that is not taken stops the connection from reading, and taking it starts it again', async () => {
    const reading: string[] = [];
    let tellPaused: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => (tellPaused = resolve));
    const dial: Dialer = async (listener, options) => {
      const transport = await unixDialer(peer.socketPath)(listener, options);
      const pause = (): void => {
        reading.push('pause');
        transport.pause();
        tellPaused();
      };
      const resume = (): void => {
        reading.push('resume');
        transport.resume();
      };
      const { write, destroy } = transport;
      return { write, destroy, pause, resume, bufferedBytes: 0 };
    };
    await connection.close();
    connection = await RpcConnection.open({ dial });
    const { stream, call } = await openConsole();
    const chunk = Buffer.alloc(256 * 1024, 'x');
    for (let count = 0; count < 32; count++) call.sendStream(chunk);
    call.sendStream(Buffer.alloc(0));
    call.finishStream();
    await paused;
    expect(reading).toEqual(['pause']);
    // Every pause is ended by taking, or not all of it would come.
    expect((await textOf(stream)).length).toBe(32 * chunk.length);
    expect(reading.filter((_, index) => index % 2 === 0).every((entry) => entry === 'pause')).toBe(true);
    expect(reading.filter((_, index) => index % 2 === 1).every((entry) => entry === 'resume')).toBe(true);
  });
});
