import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ErrorDomain,
  ErrorNumber,
  LibvirtArgumentError,
  LibvirtError,
  procedures,
  RpcConnection,
} from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: -1 };
const { domainGetInfo, domainGetState, domainGetXMLDesc } = procedures;

let peer: ScriptedPeer;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
});

afterEach(async () => {
  await peer[Symbol.asyncDispose]();
});

function xmlOf(connection: RpcConnection, flags: number, options = {}): Promise<{ readonly xml: string }> {
  return connection.call(domainGetXMLDesc, { dom, flags }, options);
}

/** How many calls of XML have reached the peer. */
function asked(): number {
  return peer.calls.filter((name) => name === 'domainGetXMLDesc').length;
}

describe('a call', () => {
  it('is answered by the reply with its serial, in whatever order replies come', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const results = Promise.all([0, 1, 2].map((flags) => xmlOf(connection, flags)));
    const calls = [
      await peer.next(domainGetXMLDesc),
      await peer.next(domainGetXMLDesc),
      await peer.next(domainGetXMLDesc),
    ];
    for (const call of calls.toReversed()) call.reply({ xml: `<flags>${call.args.flags}</flags>` });
    expect(await results).toEqual([0, 1, 2].map((flags) => ({ xml: `<flags>${flags}</flags>` })));
  });

  it('rejects with what the daemon says is wrong', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    const said = { str1: 'one', str2: '', str3: null, int1: -1, int2: 7, level: 2, message: 'Domain not found: guest' };
    (await peer.next(domainGetState)).fail({
      ...said,
      code: ErrorNumber.VIR_ERR_NO_DOMAIN,
      domain: ErrorDomain.VIR_FROM_QEMU,
      dom,
    });
    const error = await result.catch((reason: unknown) => reason);
    const { message: rawMessage, ...fields } = said;
    expect(error).toMatchObject({
      ...fields,
      rawMessage,
      name: 'LibvirtError',
      message: 'domainGetState: VIR_ERR_NO_DOMAIN: Domain not found: guest',
      code: 42,
      codeName: 'VIR_ERR_NO_DOMAIN',
      domain: 10,
      domainName: 'VIR_FROM_QEMU',
      procedure: 'domainGetState',
    });
    expect(LibvirtError.is(error)).toBe(true);
    expect(LibvirtError.is(error, ErrorNumber.VIR_ERR_NO_DOMAIN)).toBe(true);
    expect(LibvirtError.is(error, ErrorNumber.VIR_ERR_NO_NETWORK)).toBe(false);
  });

  it('rejects with a name made up for codes that are newer than the client', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetState, { dom, flags: 0 });
    (await peer.next(domainGetState)).fail({ code: 9_999, domain: 8_888 });
    await expect(result).rejects.toMatchObject({ codeName: 'VIR_ERR_9999', domainName: 'VIR_FROM_8888' });
  });

  it('with a wrong argument is not sent, and takes no place', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1 });
    const wrong = connection.call(domainGetXMLDesc, { dom: { ...dom, uuid: 'none' }, flags: 0 });
    await expect(wrong).rejects.toThrow(LibvirtArgumentError);
    await expect(wrong).rejects.toThrow('domainGetXMLDesc.dom.uuid: must be a uuid, but is "none"');
    const right = xmlOf(connection, 1);
    (await peer.next(domainGetXMLDesc)).reply({ xml: '' });
    expect(await right).toEqual({ xml: '' });
    expect(asked()).toBe(1);
  });

  it('that would send file descriptors, or open a stream, is refused with the reason', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const files = connection.call(procedures.domainCreateWithFiles, { dom, flags: 0 });
    await expect(files).rejects.toThrow('domainCreateWithFiles sends file descriptors, which Node.js cannot');
    const stream = connection.call(procedures.domainOpenConsole, { dom, dev_name: null, flags: 0 });
    await expect(stream).rejects.toThrow('domainOpenConsole opens a stream: use openStream');
    const none = connection.openStream(domainGetState, { dom, flags: 0 });
    await expect(none).rejects.toThrow('domainGetState opens no stream');
  });
});

describe('the window', () => {
  it('keeps further calls back until a reply is in, and those of high priority in a line of their own', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 2 });
    const results = [0, 1, 2, 3].map((flags) => xmlOf(connection, flags));
    const state = connection.call(domainGetState, { dom, flags: 0 });
    (await peer.next(domainGetState)).reply({ state: 1, reason: 1 });
    expect(await state).toEqual({ state: 1, reason: 1 });
    expect(asked()).toBe(2);
    expect(connection.load).toBe(4);
    for (const flags of [0, 1, 2, 3]) {
      const call = await peer.next(domainGetXMLDesc);
      expect(call.args.flags).toBe(flags);
      call.reply({ xml: String(flags) });
      expect(await results[flags]).toEqual({ xml: String(flags) });
    }
  });

  it('has a line of limited length', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1, queueMax: 1 });
    const results = [xmlOf(connection, 0), xmlOf(connection, 1)];
    await expect(xmlOf(connection, 2)).rejects.toMatchObject({
      name: 'LibvirtQueueFullError',
      sent: false,
      queueMax: 1,
      procedure: 'domainGetXMLDesc',
    });
    for (const result of results) {
      (await peer.next(domainGetXMLDesc)).reply({ xml: '' });
      await result;
    }
  });
});

describe('a call that is given up', () => {
  it('while it waits is never sent', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1 });
    const first = xmlOf(connection, 0);
    const controller = new AbortController();
    const aborted = xmlOf(connection, 1, { signal: controller.signal });
    const timedOut = xmlOf(connection, 2, { timeoutMs: 1 });
    const last = xmlOf(connection, 3);
    controller.abort('no more');
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', sent: false, cause: 'no more' });
    await expect(timedOut).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: false, timeoutMs: 1 });
    (await peer.next(domainGetXMLDesc)).reply({ xml: 'first' });
    const call = await peer.next(domainGetXMLDesc);
    expect(call.args.flags).toBe(3);
    call.reply({ xml: 'last' });
    expect(await Promise.all([first, last])).toEqual([{ xml: 'first' }, { xml: 'last' }]);
    expect(asked()).toBe(2);
  });

  it('before it is made is not sent', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = xmlOf(connection, 0, { signal: AbortSignal.abort() });
    await expect(result).rejects.toMatchObject({ name: 'AbortError', sent: false });
    expect(asked()).toBe(0);
  });

  it('after it was sent says so, and keeps its place until the reply, which is dropped', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath, window: 1 });
    const controller = new AbortController();
    const aborted = xmlOf(connection, 0, { signal: controller.signal });
    const next = xmlOf(connection, 1);
    const call = await peer.next(domainGetXMLDesc);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', sent: true, procedure: 'domainGetXMLDesc' });
    const state = connection.call(domainGetState, { dom, flags: 0 });
    (await peer.next(domainGetState)).reply({ state: 1, reason: 1 });
    await state;
    expect(asked()).toBe(1);
    call.reply({ xml: 'too late' });
    (await peer.next(domainGetXMLDesc)).reply({ xml: 'in time' });
    expect(await next).toEqual({ xml: 'in time' });
  });

  it('by its timeout after it was sent says so', async () => {
    await using connection = await RpcConnection.open({ socketPath: peer.socketPath });
    const result = connection.call(domainGetInfo, { dom }, { timeoutMs: 20 });
    await expect(result).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: true, procedure: 'domainGetInfo' });
    (await peer.next(domainGetInfo)).fail({ code: 1 });
    const state = connection.call(domainGetState, { dom, flags: 0 });
    (await peer.next(domainGetState)).reply({ state: 1, reason: 1 });
    expect(await state).toEqual({ state: 1, reason: 1 });
  });
});
