import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtDriver } from '../src/libvirt-driver.js';
import { BootSectorHost } from './support/boot-sector-host.js';
import { operatorReads, rejectionOf, tenantReads } from './support/readers.js';

/** What the guest writes after another tool has changed its disks. It must be there after every start. */
const WRITTEN = 0x57;

/**
 * A guest whose disks another tool has changed: snapshots, copies and commits of a backup tool, a person with virsh. A start
 * goes on from the disks that the guest had, or is refused with a reason. It never takes the guest back to older disks.
 */
describe('the disks that another tool has changed', () => {
  let on: BootSectorHost;
  let driver: LibvirtDriver;
  let instance: InstanceSpec;

  const virsh = (...args: readonly string[]) => on.host.virsh(...args);
  const snapshot = (name: string, ...more: readonly string[]) =>
    virsh('snapshot-create-as', instance.uuid, name, '--disk-only', ...more);
  const copyPath = () => join(on.host.directory, 'copy.qcow2');
  const stopAndStart = async () => {
    await driver.powerOff({ instance });
    await driver.powerOn({ instance });
  };
  const hardReboot = () => driver.reboot({ instance, type: 'HARD' });
  const softReboot = () => driver.reboot({ instance, type: 'SOFT' });

  beforeAll(async () => {
    on = await BootSectorHost.start();
    driver = await on.driver({ softRebootTimeoutMs: 200 });
  });

  afterEach(async () => {
    await driver.destroy({ instance });
    await rm(copyPath(), { force: true });
  });

  afterAll(() => on[Symbol.asyncDispose]());

  const changes: readonly (readonly [what: string, change: () => Promise<unknown>])[] = [
    ['an external snapshot without metadata', () => snapshot('s1', '--no-metadata')],
    ['an external snapshot with metadata', () => snapshot('s1')],
    ['a second external snapshot on top', async () => [await snapshot('s1', '--no-metadata'), await snapshot('s2')]],
    [
      'an active commit that was not brought to its end',
      async () => {
        await snapshot('s1', '--no-metadata');
        await virsh('blockcommit', instance.uuid, 'vda', '--base', on.fileOf(instance, 'disk'), '--active', '--wait');
      },
    ],
    [
      'a commit of the middle layer',
      async () => {
        await snapshot('s1', '--no-metadata');
        await snapshot('s2', '--no-metadata');
        const [base, top] = [on.fileOf(instance, 'disk'), on.fileOf(instance, 'disk.s1')];
        await virsh('blockcommit', instance.uuid, 'vda', '--base', base, '--top', top, '--wait');
      },
    ],
    [
      'a block copy that was pivoted to',
      () => virsh('blockcopy', instance.uuid, 'vda', copyPath(), '--transient-job', '--wait', '--pivot'),
    ],
    [
      'a CD beside a snapshot',
      async () => {
        await snapshot('s1', '--no-metadata');
        await virsh('attach-disk', instance.uuid, on.image, 'hdc', '--type', 'cdrom', '--config');
      },
    ],
  ];
  it.each(changes)('are kept by every start after %s', async (_what, change) => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await change();
    await on.write(instance, WRITTEN);
    for (const start of [hardReboot, stopAndStart, softReboot]) {
      await start();
      expect(await on.holds(instance, WRITTEN)).toBe('held');
    }
  });

  it('are kept when they were changed while the guest was off', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await driver.powerOff({ instance });
    await snapshot('s1', '--no-metadata');
    await driver.powerOn({ instance });
    await on.write(instance, WRITTEN);
    await hardReboot();
    expect(await on.holds(instance, WRITTEN)).toBe('held');
  });

  it('are the own disks again once the other tool has put everything back', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await snapshot('s1', '--no-metadata');
    await on.write(instance, WRITTEN);
    const disk = on.fileOf(instance, 'disk');
    await virsh('blockcommit', instance.uuid, 'vda', '--base', disk, '--active', '--wait', '--pivot');
    await stopAndStart();
    expect(await on.holds(instance, WRITTEN)).toBe('held');
    expect(await virsh('domblklist', instance.uuid)).toContain(disk);
  });

  it('keep a drive whose medium was taken out', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await virsh('attach-disk', instance.uuid, on.image, 'hdc', '--type', 'cdrom', '--config');
    await stopAndStart();
    expect(await virsh('domblklist', instance.uuid)).toMatch(/hdc\s+\S*boot-sector\.raw/u);
    await virsh('change-media', instance.uuid, 'hdc', '--eject', '--config');
    await hardReboot();
    expect(await virsh('domblklist', instance.uuid)).toMatch(/hdc\s+-/u);
  });

  it('refuse the start when the guest runs on another disk than its definition names', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    const definition = join(on.host.directory, 'before.xml');
    await writeFile(definition, await virsh('dumpxml', instance.uuid, '--inactive'));
    await snapshot('s1', '--no-metadata');
    await on.write(instance, WRITTEN);
    await virsh('define', definition);
    const failure = await rejectionOf(hardReboot(), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('changed disks');
    expect(failure.effect).toBe('none');
    expect(operatorReads(failure)).toContain(on.fileOf(instance, 'disk.s1'));
    expect(tenantReads(failure)).not.toContain('disk.s1');
    expect(await on.holds(instance, WRITTEN)).toBe('held');
  });

  it('refuse the start when libvirt has lost the definition that said which is the latest', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await snapshot('s1', '--no-metadata');
    await virsh('destroy', instance.uuid);
    await virsh('undefine', instance.uuid);
    const failure = await rejectionOf(driver.powerOn({ instance }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('changed disks');
    expect(failure.effect).toBe('none');
    expect(operatorReads(failure)).toContain(on.fileOf(instance, 'disk.s1'));
    expect(await on.host.domainNames()).toEqual([]);
  });

  it('fail the start when the latest of them is gone, and do not go back to the one before', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await snapshot('s1', '--no-metadata');
    await driver.powerOff({ instance });
    await rm(on.fileOf(instance, 'disk.s1'));
    const failure = await rejectionOf(driver.powerOn({ instance }), 'GUEST_START_FAILED');
    expect(failure.details.reason).toBe('disk');
    expect(await driver.getInfo({ instance })).toEqual({ powerState: 'SHUTDOWN' });
  });

  it('stay when the instance is destroyed and its disks are kept', async () => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await snapshot('s1', '--no-metadata');
    await driver.destroy({ instance, disks: 'keep' });
    expect((await readFile(on.fileOf(instance, 'disk.s1'))).subarray(0, 3).toString()).toBe('QFI');
  });
});
