import type { InstanceSpec } from '@virtkit/core/driver';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { domainXml } from '../src/domain-xml/domain-xml.js';
import { rootDiskXml } from '../src/domain-xml/root-disk-xml.js';
import type { GuestPlatform } from '../src/domain-xml/guest-platform.js';
import { instanceSpec } from './support/instance-spec.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const consoleLog = `/state/${uuid}/console.log`;
const rootDisk = `/state/${uuid}/disk`;
const emulated: GuestPlatform = { virtType: 'qemu', machine: 'pc' };
const spec = instanceSpec({ uuid });
const disks = [rootDiskXml(rootDisk, spec.image)];
const onScsi = { ...spec.image, properties: { hw_disk_bus: 'scsi', hw_vif_model: 'e1000e' } };

const goldens: readonly [name: string, xml: string][] = [
  ['vnc-on-a-socket', domainXml(spec, { ...emulated, vnc: {} }, { disks, consoleLog })],
  ['disk-on-pc', domainXml(spec, emulated, { disks, consoleLog })],
  [
    'kernel-with-networks-on-pc',
    domainXml(
      {
        ...spec,
        image: { ...spec.image, location: { kernel: '/images/vmlinuz', kernelCommandLine: 'console=ttyS0 quiet' } },
        networkInterfaces: [
          { type: 'user', id: 'port-1', macAddress: '52:54:00:00:00:01', status: 'active' },
          {
            type: 'bridge',
            id: 'port-2',
            macAddress: '52:54:00:00:00:02',
            status: 'down',
            bridge: 'br0',
            mtuBytes: 1400,
          },
          { type: 'network', id: 'port-3', macAddress: '52:54:00:00:00:03', status: 'active', network: 'default' },
        ],
      },
      emulated,
      { disks: [], consoleLog, kernel: '/images/vmlinuz', ramdisk: '/images/initrd' },
    ),
  ],
  [
    'vnc-and-scsi-on-q35-with-kvm',
    domainXml(
      { ...spec, image: onScsi },
      { virtType: 'kvm', machine: 'q35', emulator: '/usr/bin/qemu-kvm', vnc: { listenAddress: '127.0.0.1' } },
      { disks: [rootDiskXml(rootDisk, onScsi)], consoleLog },
    ),
  ],
];

describe('domain XML', () => {
  it.each(goldens)('is as recorded: %s', async (name, xml) => {
    await expect(xml).toMatchFileSnapshot(`./golden/${name}.xml`);
  });

  it('is the same text for the same instance', () => {
    expect(domainXml(spec, emulated, { disks, consoleLog })).toBe(domainXml(spec, emulated, { disks, consoleLog }));
  });

  it('ignores wishes it does not know', () => {
    const properties = { hw_disk_bus: 'constructor', hw_vif_model: '__proto__' };
    const wishing = { ...spec, image: { ...spec.image, properties } };
    const files = { disks, consoleLog };
    expect(domainXml(wishing, emulated, files)).toBe(domainXml(spec, emulated, files));
  });
});

const hostileNames = [
  `</title><devices><disk type='block'/></devices><title>`,
  `"><emulator>/bin/sh</emulator>`,
  `]]><!-- & &amp; &#x41; -->`,
  `'; echo "x" $(id) \`id\``,
  `<![CDATA[x]]>`,
  '__proto__',
  'true',
  '00012',
];

describe.each(hostileNames)('a name like %s', (hostile) => {
  const instance: InstanceSpec = {
    ...spec,
    name: hostile,
    projectId: hostile,
    userId: hostile,
    flavor: { ...spec.flavor, name: hostile },
    image: {
      ...spec.image,
      id: hostile,
      name: hostile,
      location: { kernel: '/images/vmlinuz', kernelCommandLine: hostile },
    },
  };
  const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false });

  it('is a text in the definition and nothing else', () => {
    const xml = domainXml(instance, emulated, { disks: [], consoleLog, kernel: '/images/vmlinuz' });
    const { domain } = parser.parse(xml) as { domain: Record<string, Record<string, unknown>> };
    const marked = (domain['metadata'] as { 'virtkit:instance': Record<string, unknown> })['virtkit:instance'];
    expect(domain['title']).toBe(hostile);
    expect(domain['os']?.['cmdline']).toBe(hostile);
    expect(marked['virtkit:name']).toBe(hostile);
    expect(marked['virtkit:image']).toEqual({ '#text': hostile, '@_id': hostile });
    expect(domain['devices']).not.toHaveProperty('disk');
    expect(domain['devices']).not.toHaveProperty('emulator');
  });
});

describe('what XML cannot hold', () => {
  it.each([
    ['a control character', 'a\u0000b\u001b[31m', 'a\uFFFDb\uFFFD[31m'],
    ['half a surrogate pair', 'a\uD800b', 'a\uFFFDb'],
  ])('%s is replaced', (_what, name, written) => {
    expect(domainXml({ ...spec, name }, emulated, { disks: [], consoleLog })).toContain(`<title>${written}</title>`);
  });

  it('a line break in the title, which libvirt refuses, becomes a space', () => {
    expect(domainXml({ ...spec, name: 'a\r\nb' }, emulated, { disks: [], consoleLog })).toContain('<title>a b</title>');
  });
});
