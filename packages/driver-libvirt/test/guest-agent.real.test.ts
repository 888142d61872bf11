import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { buildGuestImage, readSerialLog, waitForLine } from '@virtkit/libvirt-testbed';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { guestShell } from './support/guest-shell.js';
import { instanceSpec } from './support/instance-spec.js';
import { RealHost } from './support/real-host.js';

const GRACE_MS = 5_000;
/** Over the grace: for libvirt to stop QEMU on a busy machine. */
const STOPPING_MS = 15_000;
/** What the agent was given before it had a limit of its own. */
const FORMER_WAIT_MS = 60_000;

const AGENT = 'agent=$(pidof qemu-ga)';
/** What is done to the agent is done behind its back: it has to answer this request first. */
const later = (work: string) =>
  `${AGENT}; loop=$(awk '{print $4}' /proc/$agent/stat); (sleep 1; ${work}) >/dev/null 2>&1 &`;
const DEAF = 'killall acpid';

/** A tenant's agent is a program of the tenant's: it may answer, or not, or later, or with anything. */
describe('a guest whose agent', () => {
  let host: RealHost;
  let driver: LibvirtDriver;
  let instance: InstanceSpec;
  let template: InstanceSpec;

  beforeAll(async () => {
    host = await RealHost.start();
    const image = await buildGuestImage();
    const kernel = join(host.daemon.imagesDirectory, 'vmlinuz');
    const ramdisk = join(host.daemon.imagesDirectory, 'initrd.cpio');
    await copyFile(image.kernelPath, kernel);
    await copyFile(image.initrdPath, ramdisk);
    const spec = instanceSpec();
    const location = { kernel, ramdisk, kernelCommandLine: image.commandLine };
    template = { ...spec, image: { ...spec.image, location } };
    driver = new LibvirtDriver(host.configuration({ softRebootTimeoutMs: GRACE_MS }), testEnvironment());
    await driver.initHost({});
  });

  afterEach(() => driver.destroy({ instance }));

  afterAll(async () => {
    await driver.cleanupHost({});
    await host[Symbol.asyncDispose]();
  });

  const consoleLog = () => join(host.directory, 'instances', instance.uuid, 'console.log');

  async function spawnedWith(trouble: string): Promise<void> {
    instance = { ...template, uuid: instanceSpec().uuid };
    await driver.spawn({ instance });
    await waitForLine(consoleLog(), /^GUEST-UP/, { timeoutMs: 60_000 });
    // The shell that waits ends when the trouble is done: the console shows it.
    await guestShell(host, instance.uuid, later(`${trouble}; echo TROUBLE-DONE > /dev/console`));
    await waitForLine(consoleLog(), /TROUBLE-DONE/, { timeoutMs: 20_000 });
  }

  async function msOf(work: () => Promise<void>): Promise<number> {
    const before = performance.now();
    await work();
    return performance.now() - before;
  }

  const stop = (gracePeriodMs = GRACE_MS) =>
    msOf(() => driver.powerOff({ instance, gracePeriodMs, retryIntervalMs: 60_000 }));

  it.each([
    ['is silent', 'kill -STOP $agent'],
    ['dies before it is asked', 'kill -9 $loop $agent'],
    ['answers later than anybody waits', '(sleep 9; kill -CONT $agent) & kill -STOP $agent'],
  ])('%s is asked by ACPI then, and stops within its grace', async (_what, trouble) => {
    await spawnedWith(trouble);
    expect(await stop(60_000)).toBeLessThan(60_000);
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
    expect(await readSerialLog(consoleLog())).toContain('GUEST-DOWN');
  });

  it('is silent, and which does not hear ACPI, is stopped without asking at the end of its grace', async () => {
    await spawnedWith(`${DEAF}; kill -STOP $agent`);
    const tookMs = await stop();
    expect(tookMs).toBeGreaterThanOrEqual(GRACE_MS);
    expect(tookMs).toBeLessThan(GRACE_MS + STOPPING_MS);
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
    expect(await readSerialLog(consoleLog())).not.toContain('GUEST-DOWN');
  });

  it('is silent is not waited for when the grace is too short for an agent', async () => {
    await spawnedWith(`${DEAF}; kill -STOP $agent`);
    expect(await stop(500)).toBeLessThan(STOPPING_MS);
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
  });

  it('is silent, and which does not hear ACPI, is rebooted hard when a soft reboot had its time', async () => {
    await spawnedWith(`${DEAF}; kill -STOP $agent`);
    const before = await host.virsh('domid', instance.uuid);
    expect(await msOf(() => driver.reboot({ instance, type: 'SOFT' }))).toBeLessThan(FORMER_WAIT_MS / 2);
    expect(await host.virsh('domid', instance.uuid)).not.toBe(before);
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
  });
});
