import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { buildGuestImage, waitForLine } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { guestShell } from './support/guest-shell.js';
import { instanceSpec } from './support/instance-spec.js';
import { RealHost } from './support/real-host.js';

describe('the life of a guest that boots', () => {
  const environment = testEnvironment();
  let host: RealHost;
  let driver: LibvirtDriver;
  let instance: InstanceSpec;

  beforeAll(async () => {
    host = await RealHost.start();
    const image = await buildGuestImage();
    const kernel = join(host.daemon.imagesDirectory, 'vmlinuz');
    const ramdisk = join(host.daemon.imagesDirectory, 'initrd.cpio');
    await copyFile(image.kernelPath, kernel);
    await copyFile(image.initrdPath, ramdisk);
    const spec = instanceSpec({ name: 'web <1> & "co"' });
    instance = {
      ...spec,
      flavor: { ...spec.flavor, rootDiskGib: 1 },
      image: { ...spec.image, location: { kernel, ramdisk, kernelCommandLine: image.commandLine } },
      networkInterfaces: [{ type: 'user', id: 'port-1', macAddress: '52:54:00:12:34:56', status: 'active' }],
    };
    driver = new LibvirtDriver(host.configuration(), environment);
    await driver.initHost({});
  });

  afterAll(async () => {
    await driver.cleanupHost({});
    await host[Symbol.asyncDispose]();
  });

  const consoleLog = () => join(host.directory, 'instances', instance.uuid, 'console.log');
  const isUp = () => waitForLine(consoleLog(), /^GUEST-UP/, { timeoutMs: 60_000 });

  it('spawns, and its console shows it coming up', async () => {
    await driver.spawn({ instance });
    await isUp();
    const text = Buffer.from(await driver.getConsoleOutput({ instance })).toString();
    expect(text).toContain('GUEST-UP');
    expect(Buffer.from(await driver.getConsoleOutput({ instance, lengthBytesMax: 9 }))).toHaveLength(9);
    expect(await driver.inspect({ instanceUuid: instance.uuid })).toEqual({
      guest: 'present',
      generation: null,
      powerState: 'RUNNING',
      savedMemory: 'absent',
      belongings: ['definition', 'vif', 'instance directory', 'disk', 'console log'],
    });
  });

  it('reaches services of the host at 10.0.2.2 while it is on a user-mode network', async () => {
    const service = createServer((socket) => socket.end('SERVICE OF THE HOST\n'));
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    const heard = await guestShell(
      host,
      instance.uuid,
      `ip addr add 10.0.2.15/24 dev eth0; nc -w 20 10.0.2.2 ${port} </dev/null`,
    );
    service.close();
    expect(heard).toContain('SERVICE OF THE HOST');
  });

  it('reboots softly: the guest goes down by itself and comes up again', async () => {
    const before = await host.virsh('domid', instance.uuid);
    await driver.reboot({ instance, type: 'SOFT' });
    expect(await host.virsh('domid', instance.uuid)).not.toBe(before);
    expect(environment.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
    await isUp();
  });

  it('goes on from suspended memory without booting', async () => {
    await driver.suspend({ instance });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SUSPENDED' });
    await driver.resume({ instance });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
  });

  it('stops within its grace period and starts again', async () => {
    await driver.powerOff({ instance, gracePeriodMs: 30_000, retryIntervalMs: 1_000 });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
    await driver.powerOn({ instance });
    await isUp();
  });

  it('reboots hard', async () => {
    await driver.reboot({ instance, type: 'HARD' });
    await isUp();
  });

  it('is destroyed with all it had', async () => {
    await driver.destroy({ instance });
    expect(await driver.inspect({ instanceUuid: instance.uuid })).toEqual({
      guest: 'absent',
      powerState: 'NOSTATE',
      savedMemory: 'absent',
      belongings: [],
    });
    expect(await host.domainNames()).toEqual([]);
  });
});
