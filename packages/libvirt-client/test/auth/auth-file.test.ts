import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RpcConnection, type LibvirtConnectionError } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';
import { alice, secrets, serveScram } from './scram-server.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vk-authfile-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function openWith(text: string, query = ''): Promise<RpcConnection> {
  const path = join(directory, 'auth.conf');
  await writeFile(path, text);
  await using peer = await ScriptedPeer.listen();
  serveScram(peer);
  const connection = await RpcConnection.open({
    uri: `qemu:///system?socket=${peer.socketPath}&authfile=${path}${query}`,
  });
  await connection.close();
  return connection;
}

const group = `[credentials-mine]\nauthname=${alice.username}\npassword=${alice.password}\n`;

describe('an authfile in the URI', () => {
  it.each([
    ['for the host', `${group}[auth-libvirt-localhost]\ncredentials=mine\n`],
    ['for all hosts', `# ours\n${group}\n[auth-libvirt-default]\ncredentials = mine\n`],
    [
      'for the host, before the one for all',
      `[auth-libvirt-default]\ncredentials=other\n[auth-libvirt-localhost]\r\ncredentials=mine\r\n${group}`,
    ],
  ])('gives user name and password %s, as to virsh', async (_, text) => {
    await expect(openWith(text)).resolves.toBeInstanceOf(RpcConnection);
  });

  it.each([
    ['', 'no [auth-libvirt-localhost] and no [auth-libvirt-default]'],
    ['[auth-esx-localhost]\ncredentials=mine\n', 'no [auth-libvirt-localhost]'],
    ['[auth-libvirt-default]\n', 'no credentials= in [auth-libvirt-default]'],
    ['[auth-libvirt-default]\ncredentials=mine\n', 'no group of the credentials that [auth-libvirt-default] names'],
    [`[auth-libvirt-default]\ncredentials=mine\n[credentials-mine]\npassword=${alice.password}\n`, 'no authname='],
    [`[auth-libvirt-default]\ncredentials=mine\n[credentials-mine]\nauthname=a\n`, 'no password='],
    [`# ${'x'.repeat(70_000)}`, 'more than 65536 bytes'],
  ])('that lacks something is refused with what is missing, and no secret', async (text, problem) => {
    const error = (await openWith(text).catch((reason: unknown) => reason)) as LibvirtConnectionError;
    expect(error).toMatchObject({ name: 'LibvirtConnectionError', reason: 'authentication', sent: false });
    expect(error.message).toContain(problem);
    expect(error.message).not.toMatch(secrets);
  });

  it('that is not there is refused', async () => {
    const path = join(directory, 'missing');
    await using peer = await ScriptedPeer.listen();
    serveScram(peer);
    const opening = RpcConnection.open({ uri: `qemu:///system?socket=${peer.socketPath}&authfile=${path}` });
    await expect(opening).rejects.toThrow('it cannot be read (ENOENT)');
  });
});
