import { open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Host } from '../src/host/host.js';
import type { LibvirtDriver } from '../src/libvirt-driver.js';
import { BootSectorHost } from './support/boot-sector-host.js';
import { operatorReads, rejectionOf, tenantReads } from './support/readers.js';

/** What libvirt writes at the beginning of a file that it has not finished. */
const INCOMPLETE = 'LibvirtQemudPart';

/** The memory of a suspended guest is in one file. libvirt boots a guest whose file it cannot use, and says that all went well. */
describe('saved memory', () => {
  let on: BootSectorHost;
  let driver: LibvirtDriver;
  let instance: InstanceSpec;

  const savePath = () => join(on.host.directory, 'lib/qemu/save', `virtkit-${instance.uuid}.save`);
  const overwriteHead = async (text: string): Promise<void> => {
    await using file = await open(savePath(), 'r+');
    await file.write(Buffer.from(text), 0, text.length, 0);
  };
  const restartDaemon = async (): Promise<void> => {
    await on.host.daemon.kill('SIGTERM');
    await on.host.daemon.start();
    driver = await on.driver();
  };

  /** The restore without the check before it. */
  const restoreUnchecked = async (): Promise<void> => {
    const host = new Host(on.host.configuration(), testEnvironment());
    try {
      await host.connect({});
      await (await host.getGuest(instance, {})).restore({});
    } finally {
      await host.close();
    }
  };

  beforeAll(async () => {
    on = await BootSectorHost.start();
    driver = await on.driver();
  });

  afterEach(() => driver.destroy({ instance }));

  afterAll(() => on[Symbol.asyncDispose]());

  const damages: readonly (readonly [how: string, damage: () => Promise<void>])[] = [
    ['was removed', () => rm(savePath())],
    ['was emptied', () => truncate(savePath(), 0)],
    ['was cut within its head', () => truncate(savePath(), 60)],
    ['was cut within the memory', () => truncate(savePath(), 300_000)],
    ['is marked incomplete', () => overwriteHead(INCOMPLETE)],
    ['has a head of another kind', () => overwriteHead('x'.repeat(16))],
  ];

  it.each(damages)('that %s fails the resume, and the guest is not booted', async (_how, damage) => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await driver.suspend({ instance });
    await damage();
    for (const start of [() => driver.resume({ instance }), () => driver.powerOn({ instance })]) {
      const failure = await rejectionOf(start(), 'GUEST_START_FAILED');
      expect(failure.details.reason).toBe('saved memory');
      expect(tenantReads(failure)).not.toContain('/');
      expect(operatorReads(failure)).toMatch(/save|image|migration|header/u);
      expect(await on.host.virsh('domstate', instance.uuid)).toBe('shut off');
    }
    await driver.reboot({ instance, type: 'HARD' });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
  });

  it('that was removed before libvirtd was restarted fails the resume, and the guest is not booted', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await driver.suspend({ instance });
    await rm(savePath());
    await restartDaemon();
    const failure = await rejectionOf(driver.resume({ instance }), 'INSTANCE_INVALID_STATE');
    expect(failure.details.actual).toBe('SHUTDOWN');
    expect(await on.host.virsh('domstate', instance.uuid)).toBe('shut off');
  });

  it('that is lost between the check and the start is noticed by the reason of the start', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await driver.suspend({ instance });
    // libvirt still believes in the file; this is what the start meets when the file goes at the last moment.
    await rm(savePath());
    const failure = await rejectionOf(restoreUnchecked(), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('saved memory');
    expect(failure.effect).toBe('partial');
    expect(await driver.getInfo({ instance })).toMatchObject({ powerState: expect.not.stringMatching('RUNNING') });
    expect(await on.host.virsh('domstate', instance.uuid)).toBe('shut off');
  });

  it.each([['running'], ['paused']])('of a guest that another tool saved as %s is restored and runs', async (as) => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await on.host.virsh('managedsave', instance.uuid, `--${as}`);
    await driver.resume({ instance });
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
    expect(await readdir(join(on.host.directory, 'lib/qemu/save'))).toEqual([]);
  });
});
