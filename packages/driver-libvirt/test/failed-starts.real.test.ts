import { copyFile, rename, stat, truncate } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { CreateRequest, TenantAction } from '@virtkit/core';
import { buildGuestImage, createBridge, deleteBridge } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libvirtConfiguration, type LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { bridgeName } from './support/bridge-name.js';
import { brokenPromises } from './support/broken-promises.js';
import { ended, realCompute, tenant, type RealCompute } from './support/real-compute.js';
import { RealHost } from './support/real-host.js';
import { SlowableEmulator } from './support/slowable-emulator.js';

const BRIDGE = bridgeName('failed');

/**
 * A running instance is hard rebooted, and its start fails for a real reason. Each time all six promises of the design hold: see
 * `support/broken-promises.ts`; then the reason is taken away, and the next hard reboot repairs the instance.
 */
describe('a guest that fails to start, for real', () => {
  let host: RealHost;
  let kernel: string;
  let ramdisk: string;
  let kernelCommandLine: string;
  let emulator: SlowableEmulator;

  beforeAll(async () => {
    host = await RealHost.start();
    const image = await buildGuestImage();
    kernel = join(host.daemon.imagesDirectory, 'vmlinuz');
    ramdisk = join(host.daemon.imagesDirectory, 'initrd.cpio');
    kernelCommandLine = image.commandLine;
    await copyFile(image.kernelPath, kernel);
    await copyFile(image.initrdPath, ramdisk);
    await createBridge(BRIDGE);
    emulator = await SlowableEmulator.write(host.directory);
  });

  afterAll(async () => {
    await deleteBridge(BRIDGE);
    await host[Symbol.asyncDispose]();
  });

  const configuration = (overrides: Partial<LibvirtConfiguration> = {}): LibvirtConfiguration =>
    libvirtConfiguration.parse({
      ...host.configuration(),
      ...overrides,
    });

  const request = (fields: Partial<CreateRequest> = {}): CreateRequest => ({
    uuid: randomUUID(),
    name: 'web-1',
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 },
    image: { id: 'image-1', name: 'tiny', location: { kernel, ramdisk, kernelCommandLine } },
    networkInterfaces: [
      { type: 'bridge', bridge: BRIDGE, id: randomUUID(), macAddress: '52:54:00:00:00:01', status: 'active' },
    ],
    ...fields,
  });

  const build = async (real: RealCompute, fields?: Partial<CreateRequest>): Promise<string> => {
    const accepted = await real.compute.api.create(tenant, request(fields));
    expect(await accepted.finished).toMatchObject({ state: 'succeeded' });
    return accepted.instance.uuid;
  };

  const hardReboot = (real: RealCompute, uuid: string): Promise<TenantAction> =>
    ended(real.compute.api.reboot(tenant, uuid, 'HARD'));

  const deleteCleanly = async (real: RealCompute, uuid: string): Promise<void> => {
    expect(await ended(real.compute.api.delete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    expect(await host.domainNames()).toEqual([]);
    await expect(stat(join(host.directory, 'instances', uuid))).rejects.toMatchObject({ code: 'ENOENT' });
  };

  const diskOf = (uuid: string): string => join(host.directory, 'instances', uuid, 'disk');

  interface Trouble {
    readonly name: string;
    readonly reason: string;
    readonly hostWords: readonly RegExp[];
    readonly cause: (uuid: string) => Promise<void>;
    readonly heal: (uuid: string) => Promise<void>;
  }

  const troubles: readonly Trouble[] = [
    {
      name: 'a missing disk',
      reason: 'disk',
      hostWords: [/No such file/u],
      cause: (uuid) => rename(diskOf(uuid), `${diskOf(uuid)}.away`),
      heal: (uuid) => rename(`${diskOf(uuid)}.away`, diskOf(uuid)),
    },
    {
      name: 'a corrupt qcow2',
      reason: 'image',
      hostWords: [/not in qcow2 format/u],
      cause: async (uuid) => {
        await copyFile(diskOf(uuid), `${diskOf(uuid)}.good`);
        await truncate(diskOf(uuid), 0);
        await truncate(diskOf(uuid), 65_536);
      },
      heal: (uuid) => rename(`${diskOf(uuid)}.good`, diskOf(uuid)),
    },
    {
      name: 'a missing kernel',
      reason: 'kernel',
      hostWords: [/vmlinuz/u],
      cause: () => rename(kernel, `${kernel}.away`),
      heal: () => rename(`${kernel}.away`, kernel),
    },
    {
      name: 'a missing bridge',
      reason: 'network',
      hostWords: [new RegExp(BRIDGE, 'u')],
      cause: () => deleteBridge(BRIDGE),
      heal: async () => void (await createBridge(BRIDGE)),
    },
  ];

  it.each(troubles)('because of $name keeps the promises, and the next hard reboot repairs it', async (trouble) => {
    await using real = await realCompute(configuration());
    const uuid = await build(real);

    await trouble.cause(uuid);
    const action = await hardReboot(real, uuid);

    expect(action.failure?.code).toMatch(/^(GUEST_START_FAILED|IMAGE_NOT_FOUND)$/u);
    const { hostWords } = trouble;
    expect(await brokenPromises({ host, real, instanceUuid: uuid, action, hostWords })).toEqual([]);
    await trouble.heal(uuid);
    expect(await hardReboot(real, uuid)).toMatchObject({ state: 'succeeded' });
    await deleteCleanly(real, uuid);
  });

  it('because of a VNC address that cannot be bound keeps the promises', async () => {
    const first = await realCompute(configuration());
    const uuid = await build(first);
    await first.compute.close();
    // 203.0.113.0/24 is for documentation (RFC 5737): no host has it.
    const unbindable = configuration({ vnc: { listenAddress: '203.0.113.1' } });

    {
      await using real = await realCompute(unbindable, first.store);
      const action = await hardReboot(real, uuid);
      expect(action.failure).toMatchObject({
        code: 'GUEST_START_FAILED',
        message: expect.stringContaining('console') as string,
      });
      const hostWords = [/203\.0\.113\.1/u];
      expect(await brokenPromises({ host, real, instanceUuid: uuid, action, hostWords })).toEqual([]);
    }

    await using repaired = await realCompute(configuration(), first.store);
    expect(await hardReboot(repaired, uuid)).toMatchObject({ state: 'succeeded' });
    await deleteCleanly(repaired, uuid);
  });

  it('because of memory that cannot be had keeps the promises, and leaves nothing of the build', async () => {
    // A manager that counts memory properly would not let it come to this.
    await using real = await realCompute(configuration(), undefined, { claims: { ratios: { memory: 1_000 } } });
    const memoryMib = 100 * Math.floor(totalmem() / 2 ** 20);
    const accepted = await real.compute.api.create(
      tenant,
      request({ flavor: { name: 'absurd', vcpus: 1, memoryMib, rootDiskGib: 1 } }),
    );
    const action = await accepted.finished;
    const uuid = accepted.instance.uuid;

    expect(action.failure?.code).toMatch(/^(GUEST_START_FAILED|INSUFFICIENT_RESOURCES)$/u);
    expect(
      await brokenPromises({ host, real, instanceUuid: uuid, action, hostWords: [/Cannot allocate memory/u] }),
    ).toEqual([]);
    expect(await host.domainNames()).toEqual([]);
    await deleteCleanly(real, uuid);
  });

  it('because libvirtd is gone before the call keeps the promises, and is repaired when it is back', async () => {
    await using real = await realCompute(configuration());
    const uuid = await build(real);

    await host.daemon.kill('SIGKILL');
    const action = await hardReboot(real, uuid);
    await host.daemon.start();

    expect(action.failure).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });
    // Nothing was sent, so nothing was changed: the guest runs on, and the record says so.
    expect(await real.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', taskState: null });
    expect(await hardReboot(real, uuid)).toMatchObject({ state: 'succeeded' });
    await deleteCleanly(real, uuid);
  });

  it('because libvirtd is killed during the call ends in a known state, and is repaired when it is back', async () => {
    await using real = await realCompute(configuration({ emulator: emulator.path }));
    const uuid = await build(real);

    await emulator.hold();
    const rebooting = hardReboot(real, uuid);
    await emulator.isHeldUp();
    await host.daemon.kill('SIGKILL');
    await emulator.release();
    await host.daemon.start();
    const action = await rebooting;

    const instance = await real.compute.api.get(tenant, uuid);
    expect(instance.taskState).toBeNull();
    const running = (await host.virsh('list', '--uuid')).includes(uuid);
    expect(instance.vmState).toBe(running ? 'active' : 'error');
    expect(JSON.stringify([action, instance, await real.compute.api.listFaults(tenant, uuid)])).not.toMatch(
      /libvirt|qemu|\/tmp\//u,
    );
    expect(await hardReboot(real, uuid)).toMatchObject({ state: 'succeeded' });
    await deleteCleanly(real, uuid);
  });
});
