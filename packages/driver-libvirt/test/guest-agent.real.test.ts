import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { buildGuestImage, readSerialLog, waitForLine } from '@virtkit/libvirt-testbed';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { guestShell } from './support/guest-shell.js';
import { instanceSpec } from './support/instance-spec.js';
import { ended, realCompute, tenant, type RealCompute } from './support/real-compute.js';
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

const WORDS = 'WORDS-OF-THE-AGENT';
/** Puts another program in the place of the agent: `answer` is what it does about each line that it is sent. */
const replacedBy = (answer: string) =>
  'kill -9 $loop $agent; sleep 1; ' +
  `(exec 3<>/dev/virtio-ports/org.qemu.guest_agent.0; while :; do IFS= read -r line <&3 || { usleep 100000; continue; }; ${answer}; done) &`;
const says = (text: string) => `echo '${text}' >&3`;
/** It takes part in the greeting, of which the answer is the number that was sent. */
const afterTheGreeting = (answer: string) =>
  `case "$line" in *guest-sync*) echo "{\\"return\\": $(echo "$line" | tr -cd 0-9)}" >&3 ;; *) ${answer} ;; esac`;

describe('a guest whose agent answers nonsense', () => {
  let host: RealHost;
  let real: RealCompute;
  let location: { readonly kernel: string; readonly ramdisk: string; readonly kernelCommandLine: string };

  beforeAll(async () => {
    host = await RealHost.start();
    const image = await buildGuestImage();
    const kernel = join(host.daemon.imagesDirectory, 'vmlinuz');
    const ramdisk = join(host.daemon.imagesDirectory, 'initrd.cpio');
    await copyFile(image.kernelPath, kernel);
    await copyFile(image.initrdPath, ramdisk);
    location = { kernel, ramdisk, kernelCommandLine: image.commandLine };
    real = await realCompute(host.configuration({ softRebootTimeoutMs: GRACE_MS }));
  });

  afterAll(async () => {
    await real[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  it.each([
    ['that is no JSON', says(`{"return": ${WORDS}`)],
    ['of another command', says(`{"return": 42, "words": "${WORDS}"}`)],
    ['of a wrong type', says(`{"return": {"id": ["${WORDS}"]}}`)],
    ['of a wrong type after the greeting', afterTheGreeting(says(`{"return": ["${WORDS}"], "error": 7}`))],
    ['that is an error', afterTheGreeting(says(`{"error": {"class": "GenericError", "desc": "${WORDS}"}}`))],
    ['that is an error of a wrong type', afterTheGreeting(says(`{"error": ["${WORDS}"]}`))],
    ['that is done, and does nothing', afterTheGreeting(says('{"return": {}}'))],
    ['in a line of 100 MiB', `yes ${WORDS} | tr -d '\\n' | head -c 104857600 >&3`],
    ['by closing the channel', 'exit'],
    ['by closing the channel after the greeting', afterTheGreeting('exit')],
  ])('%s, is rebooted and stopped within its grace, and the tenant reads no word of it', async (_what, answer) => {
    const { api } = real.compute;
    const { image, flavor } = instanceSpec();
    const { instance, finished } = await api.create(tenant, {
      name: 'nonsense',
      flavor,
      image: { ...image, location },
      networkInterfaces: [],
    });
    const { uuid } = instance;
    expect(await finished).toMatchObject({ state: 'succeeded' });
    const consoleLog = join(host.directory, 'instances', uuid, 'console.log');
    const troubled = async (mark: string) => {
      const trouble = `${DEAF}; ${replacedBy(answer)} sleep 1; echo ${mark} > /dev/console`;
      await guestShell(host, uuid, later(trouble));
      await waitForLine(consoleLog, new RegExp(mark), { timeoutMs: 20_000 });
    };
    const timed = async (work: () => ReturnType<typeof api.stop>) => {
      const before = performance.now();
      expect(await ended(work())).toMatchObject({ state: 'succeeded' });
      return performance.now() - before;
    };

    await troubled('READY-TO-REBOOT');
    const life = await host.virsh('domid', uuid);
    expect(await timed(() => api.reboot(tenant, uuid, 'SOFT'))).toBeLessThan(GRACE_MS + STOPPING_MS);
    expect(await host.virsh('domid', uuid)).not.toBe(life);
    expect(await api.get(tenant, uuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });

    await troubled('READY-TO-STOP');
    expect(await timed(() => api.stop(tenant, uuid, { gracePeriodMs: GRACE_MS }))).toBeLessThan(GRACE_MS + STOPPING_MS);
    expect((await host.virsh('domstate', uuid)).trim()).toBe('shut off');
    expect(await api.get(tenant, uuid)).toMatchObject({ vmState: 'stopped', powerState: 'SHUTDOWN' });

    const shown = [
      await api.get(tenant, uuid),
      await api.listActions(tenant, uuid),
      await api.listFaults(tenant, uuid),
    ];
    expect(JSON.stringify(shown)).not.toContain(WORDS);
    await ended(api.delete(tenant, uuid));
  });
});
