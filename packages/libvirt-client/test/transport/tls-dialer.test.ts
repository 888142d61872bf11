import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, tlsDialer } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';
import { readTlsFiles } from '../../src/transport/tls-files.js';
import { makeCertificates } from './make-certificates.js';

let directory: string;
let server: Server | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vk-tls-'));
  await makeCertificates(directory);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

afterEach(() => {
  server?.close();
  server = undefined;
});

/** A TLS port that does with its clients what a test says. */
async function serve(accept: (socket: TLSSocket) => void): Promise<number> {
  const pem = (name: string): Buffer => readFileSync(join(directory, name));
  server = createServer({ key: pem('serverkey.pem'), cert: pem('servercert.pem') }, (socket) => {
    socket.on('error', () => undefined);
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function open(port: number, signal?: AbortSignal): Promise<RpcConnection> {
  const dial = tlsDialer('127.0.0.1', { port, pkipath: directory });
  return RpcConnection.open({ dial, ...(signal && { signal }) });
}

describe('a daemon behind TLS', () => {
  it('greets with one byte, which is none of the protocol', async () => {
    await using peer = await ScriptedPeer.listen();
    const port = await serve((socket) => {
      socket.write(Buffer.of(1));
      socket.pipe(connect(peer.socketPath)).pipe(socket);
    });
    await using connection = await open(port);
    expect(peer.calls).toContain(procedures.connectOpen.name);
    expect(connection.load).toBe(0);
  });

  it('gets each packet in a record of its own, for libvirtd forgets what stands behind the first', async () => {
    await using peer = await ScriptedPeer.listen();
    peer.answer(procedures.connectGetHostname, () => ({ hostname: 'host' }));
    const records: Buffer[] = [];
    const port = await serve((socket) => {
      socket.write(Buffer.of(1));
      // Node.js hands out what it has deciphered record by record.
      socket.on('data', (chunk: Buffer) => records.push(chunk));
      socket.pipe(connect(peer.socketPath)).pipe(socket);
    });
    await using connection = await open(port);
    const names = await Promise.all(Array.from({ length: 20 }, () => connection.getHostname()));
    expect(new Set(names)).toEqual(new Set(['host']));
    expect(records.length).toBeGreaterThanOrEqual(23);
    expect(records.map((record) => record.readUInt32BE(0))).toEqual(records.map((record) => record.length));
  });

  it.each([
    ['another byte', (socket: TLSSocket) => void socket.write(Buffer.of(0))],
    ['more than its byte', (socket: TLSSocket) => void socket.write(Buffer.of(1, 0, 0, 0, 28))],
    ['nothing, and hangs up', (socket: TLSSocket) => void socket.end()],
    ['nothing, and resets', (socket: TLSSocket) => void socket.destroy()],
  ])('that sends %s has not accepted us', async (_, accept) => {
    const port = await serve(accept);
    await expect(open(port)).rejects.toMatchObject({
      name: 'LibvirtConnectionError',
      reason: 'authentication',
      sent: false,
    });
  });

  it('that says nothing is not waited for after an abort', async () => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    const port = await serve((socket) => {
      socket.on('close', () => closed.resolve());
      controller.abort(new Error('enough'));
    });
    await expect(open(port, controller.signal)).rejects.toMatchObject({ name: 'AbortError', sent: false });
    await closed.promise;
  });

  it('is unreachable where nobody listens', async () => {
    const port = await serve(() => undefined);
    server?.close();
    await once(server as Server, 'close');
    await expect(open(port)).rejects.toMatchObject({ reason: 'unreachable', sent: false });
  });
});

describe('certificates', () => {
  async function place(root: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), path);
    }
  }

  it('are where libvirt has them, each user their own first', async () => {
    const root = join(directory, 'machine');
    const home = join(root, 'home/alice');
    const system = {
      ca: '/etc/pki/CA/cacert.pem',
      cert: '/etc/pki/libvirt/clientcert.pem',
      key: '/etc/pki/libvirt/private/clientkey.pem',
    };
    await place(root, Object.values(system));
    const alice = { root, user: { uid: 1000, home } };
    expect(await readTlsFiles({ root, user: { uid: 0, home } })).toEqual(system);
    expect(await readTlsFiles(alice)).toEqual(system);
    await place(home, ['.pki/libvirt/clientcert.pem', '.pki/libvirt/clientkey.pem', '.pki/libvirt/cacrl.pem']);
    const own = {
      crl: '.pki/libvirt/cacrl.pem',
      cert: '.pki/libvirt/clientcert.pem',
      key: '.pki/libvirt/clientkey.pem',
    };
    expect(await readTlsFiles(alice)).toEqual({ ca: system.ca, ...own });
    // root's home is not looked at.
    expect(await readTlsFiles({ root, user: { uid: 0, home } })).toEqual(system);
  });

  it('are in one directory and nowhere else where pkipath says so', async () => {
    const pkipath = join(directory, 'one');
    await place(pkipath, ['cacert.pem']);
    expect(await readTlsFiles({ pkipath })).toEqual({ ca: 'cacert.pem' });
    await place(pkipath, ['clientcert.pem']);
    await expect(readTlsFiles({ pkipath })).rejects.toMatchObject({
      reason: 'authentication',
      message: expect.stringContaining(`${pkipath}/clientkey.pem only one is there`) as string,
    });
  });

  it('that are missing are named', async () => {
    const reading = readTlsFiles({ root: '/nowhere', user: { uid: 1000, home: '/home/alice' } });
    await expect(reading).rejects.toThrow('/home/alice/.pki/libvirt/cacert.pem or /nowhere/etc/pki/CA/cacert.pem');
  });

  it('that are none end the attempt before anything is connected', async () => {
    const pkipath = join(directory, 'garbage');
    await place(pkipath, ['cacert.pem', 'clientcert.pem', 'clientkey.pem']);
    const dial = tlsDialer('127.0.0.1', { pkipath });
    await expect(RpcConnection.open({ dial })).rejects.toMatchObject({ reason: 'authentication', sent: false });
  });
});
