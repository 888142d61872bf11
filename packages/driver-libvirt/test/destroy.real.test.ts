import type { InstanceSpec } from '@virtkit/core/driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtDriver } from '../src/libvirt-driver.js';
import { BootSectorHost } from './support/boot-sector-host.js';

/** libvirt refuses to undefine a domain while it keeps something of it beside the definition. */
describe('a guest is destroyed with whatever libvirt keeps of it', () => {
  let on: BootSectorHost;
  let driver: LibvirtDriver;
  let instance: InstanceSpec;
  const virsh = (...args: readonly string[]) => on.host.virsh(...args);

  beforeAll(async () => {
    on = await BootSectorHost.start();
    driver = await on.driver();
  });

  afterAll(() => on[Symbol.asyncDispose]());

  const kept: readonly (readonly [what: string, make: () => Promise<unknown>])[] = [
    ['a checkpoint', () => virsh('checkpoint-create-as', instance.uuid, 'c1')],
    [
      'a checkpoint on a checkpoint, and the guest is off',
      async () => {
        await virsh('checkpoint-create-as', instance.uuid, 'c1');
        await virsh('checkpoint-create-as', instance.uuid, 'c2');
        await virsh('destroy', instance.uuid);
      },
    ],
    ['an external snapshot', () => virsh('snapshot-create-as', instance.uuid, 's1', '--disk-only')],
    [
      'a checkpoint, snapshots and saved memory',
      async () => {
        await virsh('snapshot-create-as', instance.uuid, 's1', '--disk-only');
        await virsh('checkpoint-create-as', instance.uuid, 'c1');
        await driver.suspend({ instance });
      },
    ],
    ['an internal snapshot', () => virsh('snapshot-create-as', instance.uuid, 's1')],
  ];

  it.each(kept)('such as %s', async (_what, make) => {
    await driver.spawn({ instance: (instance = on.instance()) });
    await make();
    await driver.destroy({ instance });
    expect(await on.host.domainNames()).toEqual([]);
    expect(await driver.inspect({ instanceUuid: instance.uuid })).toMatchObject({ guest: 'absent', belongings: [] });
  });
});
