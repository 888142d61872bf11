import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ErrorNumber,
  LibvirtClient,
  procedures,
  RpcConnection,
  unixDialer,
  type CredentialsRequest,
  type Dialer,
  type Protection,
  type RpcConnectionOptions,
} from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';
import { alice, asAlice, secrets, serveScram } from './scram-server.js';

let peer: ScriptedPeer;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
});

afterEach(async () => {
  await peer[Symbol.asyncDispose]();
});

function open(options: RpcConnectionOptions = {}): Promise<RpcConnection> {
  return RpcConnection.open({ socketPath: peer.socketPath, ...options });
}

/** The peer's socket, as if something else carried the bytes. */
function over(protection: Protection | undefined): Dialer {
  return async (listener, options) => {
    const transport = await unixDialer(peer.socketPath)(listener, options);
    return Object.create(transport, { protection: { value: protection } }) as typeof transport;
  };
}

async function refusal(options: RpcConnectionOptions): Promise<Error> {
  const error: unknown = await open(options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'LibvirtConnectionError', reason: 'authentication', sent: false });
  expect((error as Error).message).not.toMatch(secrets);
  await peer.until(() => peer.connectionCount === 0);
  return error as Error;
}

describe('a daemon that asks for SASL', () => {
  it.each(['with-complete', 'before-complete'] as const)(
    'is shown the password by SCRAM, signed %s',
    async (signature) => {
      serveScram(peer, { signature });
      const asked: CredentialsRequest[] = [];
      const credentials = (request: CredentialsRequest): Promise<typeof alice> => {
        asked.push(request);
        return Promise.resolve(alice);
      };
      await using connection = await open({ credentials });
      expect(peer.calls.slice(0, 4)).toEqual(['authList', 'authSASLInit', 'authSASLStart', 'authSASLStep']);
      expect(peer.calls.at(-1)).toBe('connectOpen');
      expect(asked).toEqual([
        { name: 'qemu:///system', host: undefined, username: undefined, mechanism: 'SCRAM-SHA-256' },
      ]);
      expect(connection.load).toBe(0);
    },
  );

  it('is logged in to by a client as well, once for each connection', async () => {
    serveScram(peer);
    await using client = await LibvirtClient.connect({ socketPath: peer.socketPath, credentials: asAlice });
    expect(client.state).toBe('connected');
  });

  it('is not believed when it does not know the password', async () => {
    serveScram(peer, { password: 'another' });
    expect((await refusal({ credentials: asAlice })).message).toMatch(
      /signature is wrong.*Check that this is your daemon/,
    );
  });

  it('is not believed that the login is complete before it has signed', async () => {
    serveScram(peer, { signature: 'missing' });
    expect((await refusal({ credentials: asAlice })).message).toContain(
      'without having shown that it knows the password',
    );
  });

  it('gets no answers for ever', async () => {
    serveScram(peer);
    peer.answer(procedures.authSASLStart, () => ({ complete: 0, nil: 1, data: new Uint8Array() }));
    peer.answer(procedures.authSASLStep, () => ({ complete: 0, nil: 1, data: new Uint8Array() }));
    expect((await refusal({ credentials: asAlice })).message).toContain('more than 8 steps');
  });

  it('is told nothing without credentials, and what to give is said', async () => {
    serveScram(peer);
    expect((await refusal({})).message).toMatch(/\(SASL, SCRAM-SHA-256\).*option credentials/);
    expect(peer.calls).not.toContain('authSASLStart');
  });

  it.each([
    ['nothing on an open line', undefined, '', /\+tls or \+ssh instead of \+tcp/],
    ['no password when nobody knows who it is', 'unverified', 'PLAIN', /no_verify=1 leaves open who/],
    ['nothing when it has ANONYMOUS only', 'local', 'ANONYMOUS', /"ANONYMOUS".*mech_list: scram-sha-256/],
    ['nothing when it has nothing we can do', 'encrypted', 'GSSAPI DIGEST-MD5', /"GSSAPI DIGEST-MD5"; possible here/],
  ] as const)('is told %s', async (_, protection, mechlist, advice) => {
    serveScram(peer);
    peer.answer(procedures.authSASLInit, () => ({ mechlist }));
    expect((await refusal({ dial: over(protection), credentials: asAlice })).message).toMatch(advice);
    expect(peer.calls).not.toContain('authSASLStart');
  });

  it('is told the password by PLAIN where it offers nothing better and nobody else can read', async () => {
    serveScram(peer);
    let told: unknown;
    peer.answer(procedures.authSASLInit, () => ({ mechlist: 'plain' }));
    peer.answer(procedures.authSASLStart, ({ args }) => {
      told = { ...args, data: Buffer.from(args.data).toString() };
      return { complete: 1, nil: 1, data: new Uint8Array() };
    });
    await using connection = await open({ dial: over('encrypted'), credentials: asAlice });
    expect(told).toEqual({ mech: 'PLAIN', nil: 0, data: '\0alice\0correct horse' });
    expect(connection.load).toBe(0);
  });

  it('is answered by the mechanism that the URI wants, or not at all', async () => {
    serveScram(peer);
    const uri = 'qemu:///system?auth=sasl.scram-sha-1';
    expect((await refusal({ uri, credentials: asAlice })).message).toContain('wants only scram-sha-1');
  });

  it('says why it refuses a password, and so does the advice', async () => {
    serveScram(peer);
    peer.hold(procedures.authSASLStep);
    const refused = refusal({ credentials: asAlice });
    const step = await peer.next(procedures.authSASLStep);
    step.fail({ code: ErrorNumber.VIR_ERR_AUTH_FAILED, message: 'authentication failed' });
    expect((await refused).message).toMatch(/VIR_ERR_AUTH_FAILED.*Check the user name and the password/);
  });

  it.each([
    ['no password', { username: 'alice' }, 'no usable password'],
    ['an empty name', { username: '', password: 'hunter2' }, 'no usable username'],
    ['a password with a NUL', { username: 'alice', password: 'hunter2\0' }, 'no usable password'],
    ['a name without end', { username: 'a'.repeat(20_000), password: 'hunter2' }, 'a username of 20000 bytes'],
    ['nothing', undefined, 'no usable username'],
  ])('is told nothing when credentials give %s', async (_, given, problem) => {
    serveScram(peer);
    const error: unknown = await open({ credentials: () => given as typeof alice }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(problem);
    expect((error as Error).message).not.toContain('hunter2');
    expect(peer.calls).not.toContain('authSASLStart');
  });

  it('does not keep anybody waiting whose credentials do not come', async () => {
    serveScram(peer);
    const never = new Promise<never>(() => undefined);
    const opening = open({ credentials: () => never, connectTimeoutMs: 50 });
    await expect(opening).rejects.toMatchObject({ reason: 'timeout', sent: false });
  });

  it('rejects with what the source of credentials throws', async () => {
    serveScram(peer);
    const opening = open({ credentials: () => Promise.reject(new Error('the vault is sealed')) });
    await expect(opening).rejects.toThrow('the vault is sealed');
  });
});

describe('a daemon that asks for polkit', () => {
  it('asks it, and opens when it agrees', async () => {
    peer.answer(procedures.authList, () => ({ types: [2, 1] }));
    peer.answer(procedures.authPolkit, () => ({ complete: 1 }));
    await using connection = await open();
    expect(peer.calls).toEqual(['authList', 'authPolkit', 'connectSupportsFeature', 'connectOpen']);
    expect(connection.load).toBe(0);
  });

  it('says what to do when it does not agree', async () => {
    peer.answer(procedures.authList, () => ({ types: [2] }));
    const refused = refusal({});
    const call = await peer.next(procedures.authPolkit);
    call.fail({ code: ErrorNumber.VIR_ERR_AUTH_CANCELLED, message: 'authentication cancelled by user' });
    expect((await refused).message).toMatch(/cancelled by user.*org\.libvirt\.unix\.manage/);
    peer.answer(procedures.authPolkit, () => ({ complete: 0 }));
    expect((await refusal({})).message).toContain('polkit has not finished');
  });
});

describe('a daemon that offers several ways', () => {
  it('is taken by its first one that is known, or by the one the URI wants', async () => {
    peer.answer(procedures.authPolkit, () => ({ complete: 1 }));
    peer.answer(procedures.authList, () => ({ types: [9, 0, 2] }));
    await (await open()).close();
    expect(peer.calls).not.toContain('authPolkit');
    await (await open({ uri: 'qemu:///system?auth=polkit' })).close();
    expect(peer.calls).toContain('authPolkit');
    expect((await refusal({ uri: 'qemu:///system?auth=sasl' })).message).toMatch(
      /offers number 9, none, polkit.*wants sasl/,
    );
  });
});
