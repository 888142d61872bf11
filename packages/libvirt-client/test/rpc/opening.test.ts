import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ErrorNumber, LibvirtConnectionError, LibvirtError, procedures, RpcConnection } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

let peer: ScriptedPeer;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
});

afterEach(async () => {
  await peer[Symbol.asyncDispose]();
});

describe('opening a connection', () => {
  it('asks for the authentication first, turns keepalive on, and opens what the URI names without its socket', async () => {
    let opened: unknown;
    peer.answer(procedures.connectOpen, ({ args }) => {
      opened = args;
      return {};
    });
    const uri = `qemu+unix:///system?socket=${peer.socketPath}`;
    await using connection = await RpcConnection.open({ uri });
    expect(peer.calls).toEqual(['authList', 'connectSupportsFeature', 'connectOpen']);
    expect(opened).toEqual({ name: 'qemu:///system', flags: 0 });
    expect(connection.load).toBe(0);
  });

  it('asks for no keepalive when it is off, and for reading only when that is wanted', async () => {
    let opened: unknown;
    peer.answer(procedures.connectOpen, ({ args }) => {
      opened = args;
      return {};
    });
    const options = {
      socketPath: peer.socketPath,
      uri: 'test:///default',
      access: 'read-only',
      keepalive: 'off',
    } as const;
    await using connection = await RpcConnection.open(options);
    expect(peer.calls).toEqual(['authList', 'connectOpen']);
    expect(opened).toEqual({ name: 'test:///default', flags: 1 });
    expect(connection.load).toBe(0);
  });

  it('says what to do when the daemon asks for an authentication it cannot do, and hangs up', async () => {
    peer.answer(procedures.authList, () => ({ types: [7] }));
    await expect(RpcConnection.open({ socketPath: peer.socketPath })).rejects.toMatchObject({
      name: 'LibvirtConnectionError',
      reason: 'authentication',
      sent: false,
      message: expect.stringMatching(/offers number 7 for authentication.*auth_unix_rw/) as string,
    });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('rejects with the error of a daemon that refuses to open, and hangs up', async () => {
    const opening = RpcConnection.open({ socketPath: peer.socketPath });
    peer.hold(procedures.connectOpen);
    (await peer.next(procedures.connectOpen)).fail({ code: ErrorNumber.VIR_ERR_NO_CONNECT, message: 'no such driver' });
    const error = await opening.catch((reason: unknown) => reason);
    expect(LibvirtError.is(error, ErrorNumber.VIR_ERR_NO_CONNECT)).toBe(true);
    await peer.until(() => peer.connectionCount === 0);
  });

  it('rejects as unreachable when there is no socket, and when nobody listens at it', async () => {
    const options = { socketPath: `${peer.socketPath}-nowhere` };
    await expect(RpcConnection.open(options)).rejects.toMatchObject({ reason: 'unreachable', sent: false });
    await peer.stopListening();
    const error = await RpcConnection.open({ socketPath: peer.socketPath }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LibvirtConnectionError);
    expect(error).toMatchObject({ reason: 'unreachable', sent: false });
  });

  it('gives up when the daemon says nothing for the time allowed', async () => {
    peer.hold(procedures.authList);
    const opening = RpcConnection.open({ socketPath: peer.socketPath, connectTimeoutMs: 50 });
    await expect(opening).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'timeout', sent: false });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('gives up when its signal is aborted, before and during', async () => {
    peer.hold(procedures.authList);
    const controller = new AbortController();
    const opening = RpcConnection.open({ socketPath: peer.socketPath, signal: controller.signal });
    await peer.next(procedures.authList);
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toMatchObject({ name: 'AbortError', sent: false, cause: new Error('enough') });
    const late = RpcConnection.open({ socketPath: peer.socketPath, signal: controller.signal });
    await expect(late).rejects.toMatchObject({ name: 'AbortError', sent: false });
    await peer.until(() => peer.connectionCount === 0);
  });

  it('refuses limits that make no sense', async () => {
    const opening = RpcConnection.open({ socketPath: peer.socketPath, window: 0 });
    await expect(opening).rejects.toThrow(new RangeError('window must be an integer of at least 1, but is 0'));
  });
});
