import { requireHonoured } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { describe, expect, it } from 'vitest';
import { domainXml } from '../src/domain-xml/domain-xml.js';
import { rootDiskXml } from '../src/domain-xml/root-disk-xml.js';
import { honouredProperties, honouredRows } from '../src/honoured-properties.js';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { configuration } from './support/configuration.js';
import { instanceSpec } from './support/instance-spec.js';
import { rejectionOf } from './support/readers.js';

const spec = instanceSpec();
const withProperty = (name: string, value: string) => ({ ...spec.image, properties: { [name]: value } });
const withExtraSpec = (name: string, value: string) => ({ ...spec.flavor, extraSpecs: { [name]: value } });

describe('the properties that the libvirt driver honours', () => {
  const honoured = honouredProperties(configuration());

  it.each([
    ['hw_firmware_type', 'uefi'],
    ['hw_machine_type', 'q35'],
    ['hw_machine_type', 'pc-q35-7.2'],
    ['os_secure_boot', 'required'],
    ['os_type', 'windows'],
    ['hw_video_model', 'qxl'],
    ['hw_disk_bus', '__proto__'],
    ['hw_tpm_version', '2.0'],
    ['img_signature', 'abc'],
  ])('leave out %s=%s', (name, value) => {
    const refused = () => requireHonoured(honoured, { image: withProperty(name, value) });
    expect(refused).toThrow(`image.properties.${name} is "${value}"`);
  });

  it.each([
    ['hw:cpu_policy', 'dedicated'],
    ['hw:mem_page_size', 'large'],
    ['quota:cpu_shares', '1024'],
    ['hw:pci_numa_affinity_policy', 'required'],
    ['trait:HW_CPU_X86_AMD_SEV', 'required'],
  ])('leave out %s=%s', (name, value) => {
    expect(() => requireHonoured(honoured, { flavor: withExtraSpec(name, value) })).toThrow(`${name} is "${value}"`);
  });

  it('have one row each', () => {
    const names = honouredRows(configuration({ vnc: {} })).map(({ of, name }) => `${of} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name only values that reach the definition: disk buses and network cards', () => {
    for (const machine of ['pc', 'q35'] as const) {
      const { imageProperties } = honouredProperties(configuration({ machine }));
      expect(imageProperties['hw_machine_type']).toEqual([machine]);
      const vif = { type: 'user', id: 'p', macAddress: '52:54:00:00:00:01', status: 'active' } as const;
      for (const name of ['hw_disk_bus', 'hw_vif_model']) {
        for (const value of imageProperties[name] ?? []) {
          const image = withProperty(name, value);
          const files = { disks: [rootDiskXml('/disk', image)], consoleLog: '/log' };
          const xml = domainXml({ ...spec, image, networkInterfaces: [vif] }, { virtType: 'qemu', machine }, files);
          expect(xml).toMatch(name === 'hw_disk_bus' ? `bus="${value}"` : `<model type="${value}"`);
        }
      }
    }
  });

  it('are asked for by spawn too, before it does anything', async () => {
    const driver = new LibvirtDriver(configuration(), testEnvironment());
    const failure = await rejectionOf(
      driver.spawn({ instance: { ...spec, image: withProperty('hw_firmware_type', 'uefi') } }),
      'INVALID_INPUT',
    );
    expect(failure.effect).toBe('none');
    expect(failure.details).toEqual({ field: 'image.properties.hw_firmware_type', value: '"uefi"', accepted: 'bios' });
  });
});
