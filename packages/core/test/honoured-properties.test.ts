import { requireHonoured, type DriverDefinition, type HonouredProperties } from '@virtkit/core/driver';
import { fakeDriver, type FakeConfiguration } from '@virtkit/driver-fake';
import { describe, expect, it, vi } from 'vitest';
import { createRequest, fakeCompute, tenant } from './support/fake-compute.js';
import { imageId, providedCompute } from './support/memory-providers.js';

const honoured: HonouredProperties = {
  extraSpecs: { 'hw:cpu_policy': ['shared'], 'hw:anything': 'any' },
  imageProperties: { hw_firmware_type: ['bios'], architecture: ['x86_64'] },
};

const definition = {
  ...fakeDriver,
  create: (configuration: FakeConfiguration, environment: Parameters<typeof fakeDriver.create>[1]) =>
    fakeDriver.create({ ...configuration, honoured }, environment),
} as DriverDefinition;

const flavor = (extraSpecs: Record<string, string>) => ({
  name: 's',
  vcpus: 1,
  memoryMib: 64,
  rootDiskGib: 1,
  extraSpecs,
});
const image = (properties: Record<string, string>) => ({
  id: 'i',
  name: 'i',
  location: { disk: '/images/i.qcow2' },
  properties,
});

const refused: readonly (readonly [of: 'flavor' | 'image', name: string, value: string, accepted: string])[] = [
  ['image', 'hw_firmware_type', 'uefi', 'bios'],
  ['image', 'hw_machine_type', 'q35', 'nothing: this host does not act on it'],
  ['image', 'architecture', 'aarch64', 'x86_64'],
  ['image', 'os_type', 'windows', 'nothing: this host does not act on it'],
  ['image', 'img_config_drive', 'mandatory', 'nothing: this host does not act on it'],
  ['image', 'trait:HW_CPU_X86_AVX', 'required', 'nothing: this host does not act on it'],
  ['image', 'kernel_id', '1', 'nothing: this host does not act on it'],
  ['image', 'hw_constructor', 'x', 'nothing: this host does not act on it'],
  ['flavor', 'hw:cpu_policy', 'dedicated', 'shared'],
  ['flavor', 'hw:mem_page_size', '1GB', 'nothing: this host does not act on it'],
  ['flavor', 'quota:disk_read_iops_sec', '100', 'nothing: this host does not act on it'],
  ['flavor', 'trait:HW_CPU_X86_AVX', 'forbidden', 'nothing: this host does not act on it'],
  ['flavor', 'resources:VGPU', '1', 'nothing: this host does not act on it'],
  ['flavor', 'pci_passthrough:alias', 'a1:1', 'nothing: this host does not act on it'],
  ['flavor', 'hide_hypervisor_id', 'true', 'nothing: this host does not act on it'],
];

const requestOf = (of: 'flavor' | 'image', name: string, value: string) =>
  of === 'flavor' ? { flavor: flavor({ [name]: value }) } : { image: image({ [name]: value }) };

const fieldOf = (of: 'flavor' | 'image', name: string) =>
  of === 'flavor' ? `flavor.extraSpecs.${name}` : `image.properties.${name}`;

describe('what a flavor or an image asks for', () => {
  it.each(refused)(
    'is refused before anything is written when the driver does not act on it: %s %s=%s',
    async (of, name, value, accepted) => {
      await using fake = await fakeCompute({ definition });
      await expect(fake.compute.api.create(tenant, createRequest(requestOf(of, name, value)))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { field: fieldOf(of, name), value: `"${value}"`, accepted },
      });
      expect(await fake.store.listInstances({})).toEqual([]);
      expect(fake.hypervisor.journal.points()).toEqual([]);
    },
  );

  it('is taken with a value that the driver acts on, however it is written', async () => {
    await using fake = await fakeCompute({ definition });
    const request = createRequest({
      flavor: flavor({ 'hw:cpu_policy': 'Shared', 'hw:anything': 'at all' }),
      image: image({ hw_firmware_type: 'BIOS' }),
    });
    const { finished } = await fake.settled(fake.compute.api.create(tenant, request));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  });

  it('is no matter of labels, which ask for nothing', () => {
    const labels = { os_distro: 'debian', os_version: '12', base_image_ref: 'x', backup_type: 'daily', owner: 'a' };
    const told = image(labels);
    requireHonoured(honoured, {
      flavor: flavor({ rack: 'a' }),
      image: { ...told, diskFormat: 'qcow2', minDiskGib: 0, minMemoryMib: 0 },
    });
  });

  it('is refused of a resize too', async () => {
    await using fake = await fakeCompute({ definition });
    const { instance, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest()));
    await fake.settled(finished);
    const resize = fake.compute.api.moves.resize(tenant, instance.uuid, { flavor: flavor({ 'hw:numa_nodes': '2' }) });
    await expect(resize).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'flavor.extraSpecs.hw:numa_nodes' },
    });
    expect(await fake.store.listActions(instance.uuid)).toHaveLength(1);
  });

  describe.each(['rebuild', 'rescue'] as const)('of the image of a %s', (name) => {
    it.each([
      { hw_firmware_type: 'uefi' },
      { hw_machine_type: 'q35', os_distro: 'debian' },
      { hw_firmware_type: 'bios', architecture: 'aarch64' },
    ])('is refused at the request, before anything is written: %j', async (properties) => {
      await using fake = await providedCompute({ definition });
      const { api } = fake.compute;
      const { instance, finished } = await fake.settled(api.create(tenant, createRequest()));
      await fake.settled(finished);
      const before = await fake.store.getInstance(instance.uuid);
      const points = fake.hypervisor.journal.points().length;
      const known = fake.images.getImage.bind(fake.images);
      vi.spyOn(fake.images, 'getImage').mockImplementation(async (...args) => ({
        ...(await known(...args)),
        properties,
      }));
      const request = fake.settled(api.repair[name](tenant, instance.uuid, { imageId }));
      const field = expect.stringContaining('image.properties.') as string;
      await expect(request).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { field } });
      expect(await fake.store.getInstance(instance.uuid)).toBe(before);
      expect(await fake.store.listActions(instance.uuid)).toHaveLength(1);
      expect(await fake.store.listFaults(instance.uuid)).toEqual([]);
      expect(fake.hypervisor.journal.points()).toHaveLength(points);
    });
  });

  it('is not looked at when the driver declares nothing', () => {
    requireHonoured(undefined, { flavor: flavor({ 'hw:cpu_policy': 'dedicated' }) });
  });

  it('does not become a long message', () => {
    const long = 'x'.repeat(100_000);
    let message = '';
    try {
      requireHonoured(honoured, { flavor: flavor({ [`hw:${long}`]: long }) });
    } catch (failure) {
      ({ message } = failure as Error);
    }
    expect(message.length).toBeGreaterThan(0);
    expect(message.length).toBeLessThan(400);
  });
});
