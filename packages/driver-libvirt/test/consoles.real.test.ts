import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { ConsoleEndpoint, InstanceSpec } from '@virtkit/core/driver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtDriver } from '../src/libvirt-driver.js';
import { BootSectorHost } from './support/boot-sector-host.js';
import { rejectionOf } from './support/readers.js';

/** What a VNC server says first. */
const GREETING = /^RFB \d{3}\.\d{3}\n$/u;

describe('the consoles of a guest', () => {
  let on: BootSectorHost;
  const instances: InstanceSpec[] = [];

  beforeAll(async () => {
    on = await BootSectorHost.start();
  });

  afterEach(async () => {
    const driver = await on.driver();
    for (const instance of instances.splice(0)) await driver.destroy({ instance });
  });

  afterAll(() => on[Symbol.asyncDispose]());

  async function spawned(driver: LibvirtDriver): Promise<string> {
    const instance = on.instance();
    instances.push(instance);
    await driver.spawn({ instance });
    return instance.uuid;
  }

  /** The private daemon has libvirt's directories in its own place. */
  const outside = (path: string) => join(on.host.directory, path.replace('/var/lib/libvirt', 'lib'));

  async function socketOf(driver: LibvirtDriver, uuid: string): Promise<string> {
    const endpoint: ConsoleEndpoint = await driver.getVncConsole({ instance: { uuid } });
    if (!('socketPath' in endpoint)) throw new Error(`it is on port ${endpoint.port}`);
    return endpoint.socketPath;
  }

  const greeting = (at: { readonly path: string } | { readonly host: string; readonly port: number }) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(at);
      socket.once('error', reject);
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });

  it('are on no TCP port unless the operator asks for one', async () => {
    const driver = await on.driver({ vnc: {} });
    const uuid = await spawned(driver);
    expect(await listeningPorts(await qemuOf(uuid))).toEqual([]);
  });

  it('are behind a unix socket that only QEMU and its group reach', async () => {
    const driver = await on.driver({ vnc: {} });
    const path = outside(await socketOf(driver, await spawned(driver)));
    expect(await greeting({ path })).toMatch(GREETING);
    expect((await stat(dirname(path))).mode & 0o007).toBe(0);
  });

  it('are each behind a socket of its own, and another one in its next life', async () => {
    const driver = await on.driver({ vnc: {} });
    const [first, second] = [await spawned(driver), await spawned(driver)];
    const before = await socketOf(driver, first);
    expect(before).not.toBe(await socketOf(driver, second));
    await driver.powerOff({ instance: { uuid: first } });
    await rejectionOf(driver.getVncConsole({ instance: { uuid: first } }), 'CONSOLE_UNAVAILABLE');
    await driver.powerOn({ instance: instances.find(({ uuid }) => uuid === first) ?? expect.fail('it was made') });
    expect(await socketOf(driver, first)).not.toBe(before);
  });

  it('are on a TCP port of the address that the operator names', async () => {
    const driver = await on.driver({ vnc: { listenAddress: '127.0.0.1' } });
    const uuid = await spawned(driver);
    const endpoint = await driver.getVncConsole({ instance: { uuid } });
    expect(endpoint).toEqual({ address: '127.0.0.1', port: expect.any(Number) as number });
    expect(await listeningPorts(await qemuOf(uuid))).toHaveLength(1);
    if ('port' in endpoint) expect(await greeting({ host: '127.0.0.1', port: endpoint.port })).toMatch(GREETING);
  });

  it('move to a socket when a guest of the earlier default is started again', async () => {
    const before = await on.driver({ vnc: { listenAddress: '127.0.0.1' } });
    const uuid = await spawned(before);
    const driver = await on.driver({ vnc: {} });
    await driver.reboot({ instance: instances[0] ?? expect.fail('it was made'), type: 'HARD' });
    expect(await greeting({ path: outside(await socketOf(driver, uuid)) })).toMatch(GREETING);
    expect(await listeningPorts(await qemuOf(uuid))).toEqual([]);
  });

  async function qemuOf(uuid: string): Promise<string> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (command.startsWith('/usr/bin/qemu') && command.includes(`guest=virtkit-${uuid}`)) return pid;
    }
    throw new Error(`no QEMU runs for ${uuid}`);
  }

  /** The TCP ports on which a process listens. */
  async function listeningPorts(pid: string): Promise<readonly number[]> {
    const LISTEN = '0A';
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1]));
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
    const rows = tables.flatMap((table) => table.trim().split('\n').slice(1)).map((line) => line.trim().split(/\s+/u));
    return rows
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && inodes.has(inode))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
  }
});
