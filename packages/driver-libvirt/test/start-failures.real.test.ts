import { randomUUID } from 'node:crypto';
import { chmod, copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ComputeError, InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { buildGuestImage, waitForLine } from '@virtkit/libvirt-testbed';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { writeBootSector } from './support/boot-sector.js';
import { instanceSpec } from './support/instance-spec.js';
import { operatorReads, rejectionOf, tenantReads } from './support/readers.js';
import { RealHost } from './support/real-host.js';

/** From a range that is kept for documentation: no machine has it. */
const UNBINDABLE = '203.0.113.1';

describe('a start that fails for real', () => {
  let host: RealHost;
  let driver: LibvirtDriver;
  let image: string;
  let instance: InstanceSpec;
  /** Written by an emulator when it was started. */
  let marker: string;
  const open: LibvirtDriver[] = [];

  async function openDriver(overrides: Parameters<RealHost['configuration']>[0] = {}): Promise<LibvirtDriver> {
    const opened = new LibvirtDriver(host.configuration(overrides), testEnvironment());
    open.push(opened);
    await opened.initHost({});
    return opened;
  }

  async function spawned(overrides: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
    instance = { ...bootable(), ...overrides };
    marker = join(host.directory, `started-${instance.uuid}`);
    await driver.spawn({ instance });
    return instance;
  }

  function bootable(): InstanceSpec {
    const spec = instanceSpec();
    return {
      ...spec,
      flavor: { ...spec.flavor, memoryMib: 16 },
      image: { ...spec.image, diskFormat: 'raw', location: { disk: image } },
    };
  }

  const diskOf = ({ uuid }: InstanceSpec) => join(host.directory, 'instances', uuid, 'disk');

  /** What must be so after every failed start of an instance that existed before. */
  async function expectPromises(failure: ComputeError, operatorWord: string): Promise<void> {
    const read = tenantReads(failure);
    const hostWords = [
      host.directory,
      host.daemon.socketPath,
      hostname(),
      UNBINDABLE,
      'qemu',
      'libvirt',
      'vknosuch0',
      '/',
    ];
    expect(hostWords.filter((word) => read.includes(word))).toEqual([]);
    expect(operatorReads(failure)).toContain(operatorWord);
    const { powerState, belongings } = await driver.inspect({ instanceUuid: instance.uuid });
    expect([powerState, ...belongings]).toEqual([
      'SHUTDOWN',
      'definition',
      'instance directory',
      'disk',
      'console log',
    ]);
  }

  async function expectRepaired(): Promise<void> {
    await driver.reboot({ instance, type: 'HARD' });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
  }

  beforeAll(async () => {
    host = await RealHost.start();
    image = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(image);
    driver = await openDriver();
  });

  afterEach(async () => {
    await driver.destroy({ instance });
  });

  afterAll(async () => {
    await Promise.allSettled(open.map((each) => each.cleanupHost({})));
    await host[Symbol.asyncDispose]();
  });

  it('its disk is missing', async () => {
    const disk = diskOf(await spawned());
    await rename(disk, `${disk}.away`);
    const failure = await rejectionOf(driver.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('disk');
    await rename(`${disk}.away`, disk);
    await expectPromises(failure, disk);
    await expectRepaired();
  });

  it('its disk is no qcow2 any more', async () => {
    const disk = diskOf(await spawned());
    const content = await readFile(disk);
    await driver.powerOff({ instance });
    await writeFile(disk, Buffer.alloc(4_096, 'x'));
    const failure = await rejectionOf(driver.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('image');
    await expectPromises(failure, 'qcow2');
    await writeFile(disk, content);
    await expectRepaired();
  });

  it('its disk is a qcow2 with a broken table', async () => {
    const disk = diskOf(await spawned());
    await driver.powerOff({ instance });
    const content = await readFile(disk);
    const broken = Buffer.from(content);
    broken.writeBigUInt64BE(0xdead_beef_0000_0001n, 40);
    await writeFile(disk, broken);
    const failure = await rejectionOf(driver.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('image');
    await expectPromises(failure, disk);
    await writeFile(disk, content);
    await expectRepaired();
  });

  it('its kernel is missing', async () => {
    const guest = await buildGuestImage();
    const kernel = join(host.daemon.imagesDirectory, `kernel-${randomUUID()}`);
    await copyFile(guest.kernelPath, kernel);
    const spec = bootable();
    await spawned({ image: { ...spec.image, location: { disk: image, kernel } } });
    await rename(kernel, `${kernel}.away`);
    const failure = await rejectionOf(driver.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('kernel');
    await expectPromises(failure, kernel);
    const another = { ...instance, uuid: randomUUID() };
    await rejectionOf(driver.spawn({ instance: another }), 'IMAGE_NOT_FOUND');
    await rename(`${kernel}.away`, kernel);
    await expectRepaired();
  });

  it('its VNC server cannot listen', async () => {
    await spawned();
    const misconfigured = await openDriver({ vnc: { listenAddress: UNBINDABLE } });
    const failure = await rejectionOf(misconfigured.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('console');
    await expectPromises(failure, UNBINDABLE);
    await expectRepaired();
  });

  it('the host has not the memory', async () => {
    await spawned();
    const absurd = { ...instance, flavor: { ...instance.flavor, memoryMib: 64 * 1024 ** 2 } };
    const failure = await rejectionOf(driver.reboot({ instance: absurd, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('memory');
    await expectPromises(failure, 'memory');
    await expectRepaired();
  });

  it('its bridge is missing', async () => {
    await spawned();
    const vif = {
      type: 'bridge',
      id: 'p1',
      macAddress: '52:54:00:00:00:01',
      status: 'active',
      bridge: 'vknosuch0',
    } as const;
    const failure = await rejectionOf(
      driver.reboot({ instance: { ...instance, networkInterfaces: [vif] }, type: 'HARD' }),
      'GUEST_START_FAILED',
    );
    expect(failure.details.reason).toBe('network');
    await expectPromises(failure, 'vknosuch0');
    await expectRepaired();
  });

  it('the emulator dies while it starts', async () => {
    await spawned();
    const emulator = await emulatorThat('exit 3');
    const dying = await openDriver({ emulator });
    const failure = await rejectionOf(dying.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('unspecified');
    await expectPromises(failure, 'monitor');
    await expectRepaired();
  });

  it('an abort comes while it starts', async () => {
    await spawned();
    const slow = await openDriver({ emulator: await emulatorThat(`echo started >'${marker}'; exec sleep 60`) });
    const abort = new AbortController();
    const rejection = rejectionOf(slow.reboot({ instance, type: 'HARD' }, { signal: abort.signal }), 'ABORTED');
    await waitForLine(marker, /started/);
    abort.abort();
    await rejection;
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
    await expectRepaired();
  });

  it('libvirtd is killed during the start, and comes back', async () => {
    await spawned();
    const emulator = await emulatorThat(`echo started >'${marker}'; sleep 3`);
    const slow = await openDriver({ emulator });
    const rejection = rejectionOf(slow.reboot({ instance, type: 'HARD' }), 'GUEST_START_FAILED');
    await waitForLine(marker, /started/);
    await host.daemon.kill('SIGKILL');
    await host.daemon.start();
    const failure = await rejection;
    driver = await openDriver();
    await expectPromises(failure, 'outcome is unknown');
    await expectRepaired();
  });

  it('libvirtd is killed during the start, and stays away', async () => {
    await spawned();
    const emulator = await emulatorThat(`echo started >'${marker}'; sleep 3`);
    const slow = await openDriver({ emulator, timeouts: { reconnectMs: 200 } });
    const rejection = rejectionOf(slow.reboot({ instance, type: 'HARD' }), 'OUTCOME_UNKNOWN');
    await waitForLine(marker, /started/);
    await host.daemon.kill('SIGKILL');
    const failure = await rejection;
    expect(failure.effect).toBe('unknown');
    expect(tenantReads(failure)).not.toContain('/');
    await host.daemon.start();
    driver = await openDriver();
    await expectRepaired();
  });

  it('libvirtd is gone before the start', async () => {
    await spawned();
    await host.daemon.kill('SIGKILL');
    const failure = await rejectionOf(driver.reboot({ instance, type: 'HARD' }), 'HYPERVISOR_UNAVAILABLE');
    expect(failure.effect).toBe('none');
    expect(tenantReads(failure)).not.toContain('/');
    expect(operatorReads(failure)).toContain('LibvirtConnectionError');
    await host.daemon.start();
    driver = await openDriver();
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
    await expectRepaired();
  });

  const downInterface = { type: 'user', id: 'p1', macAddress: '52:54:00:00:00:01', status: 'down' } as const;

  it('its network is not plugged in time', async () => {
    instance = { ...bootable(), networkInterfaces: [downInterface] };
    const impatient = await openDriver({ vifPluggingTimeoutMs: 200 });
    const failure = await rejectionOf(impatient.spawn({ instance }), 'VIF_PLUG_TIMEOUT');
    expect(failure.details).toEqual({ instanceUuid: instance.uuid, timeoutMs: 200 });
    expect(await driver.inspect({ instanceUuid: instance.uuid })).toMatchObject({ guest: 'absent', belongings: [] });
  });

  it('its network is not plugged in time, and that is not fatal', async () => {
    instance = { ...bootable(), networkInterfaces: [downInterface] };
    const tolerant = await openDriver({ vifPluggingTimeoutMs: 200, vifPluggingIsFatal: false });
    await tolerant.spawn({ instance });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
  });

  it('it dies while it waits for its network', async () => {
    instance = { ...bootable(), networkInterfaces: [downInterface] };
    const environment = testEnvironment();
    const waiting = new LibvirtDriver(host.configuration(), environment);
    open.push(waiting);
    await waiting.initHost({});
    const rejection = rejectionOf(waiting.spawn({ instance }), 'GUEST_START_FAILED');
    await environment.externalEvents.untilAwaited(instance.uuid);
    await host.virsh('destroy', instance.uuid);
    await rejection;
    expect(await driver.inspect({ instanceUuid: instance.uuid })).toMatchObject({ guest: 'absent', belongings: [] });
    expect(environment.externalEvents.expectationCount).toBe(0);
  });

  it('its emulator is nothing that libvirt can run', async () => {
    await spawned();
    const misconfigured = new LibvirtDriver(host.configuration({ emulator: '/dev/null' }), testEnvironment());
    const failure = await rejectionOf(misconfigured.initHost({}), 'INVALID_CONFIGURATION');
    expect(failure.details).toMatchObject({ field: 'emulator', value: '/dev/null' });
    await misconfigured.cleanupHost({});
  });

  /** A program in QEMU's place that does something before, and QEMU when libvirt asks what it can do. */
  async function emulatorThat(does: string): Promise<string> {
    const path = join(host.directory, `emulator-${randomUUID()}`);
    const lines = ['#!/bin/sh', `case "$*" in *guest=virtkit-*) ${does};; esac`, 'exec qemu-system-x86_64 "$@"', ''];
    await writeFile(path, lines.join('\n'));
    await chmod(path, 0o755);
    return path;
  }
});
