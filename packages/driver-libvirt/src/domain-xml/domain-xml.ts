import type { Image, InstanceSpec } from '@virtkit/core/driver';
import { serialXml, usbControllerXml, vncXml } from './console-xml.js';
import { domainMetadata } from './domain-metadata.js';
import type { GuestFiles } from './guest-files.js';
import type { GuestPlatform } from './guest-platform.js';
import { interfaceXml } from './interface-xml.js';
import { renderXml, type XmlElement } from './render-xml.js';
import { rootDiskBus } from './root-disk-xml.js';

const KIB_PER_MIB = 1024;

/** Not the display name: that one is neither unique nor fit for a path, and libvirt makes paths of a domain's name. */
function domainName(instanceUuid: string): string {
  return `virtkit-${instanceUuid}`;
}

/** The definition of an instance's guest. The same arguments give the same text, byte by byte. */
export function domainXml(instance: InstanceSpec, platform: GuestPlatform, files: GuestFiles): string {
  const { flavor } = instance;
  return renderXml({
    domain: {
      '@type': platform.virtType,
      name: domainName(instance.uuid),
      uuid: instance.uuid,
      title: instance.name.replace(/\s+/gu, ' '),
      metadata: domainMetadata(instance),
      memory: { '@unit': 'KiB', '#': flavor.memoryMib * KIB_PER_MIB },
      vcpu: flavor.vcpus,
      os: bootXml(instance, platform, files),
      features: { acpi: {}, apic: {} },
      cpu: cpuXml(platform),
      clock: clockXml(platform),
      // A guest that turns itself off is off, one that reboots itself reboots, and one that crashed does not linger as a
      // process that nobody looks at.
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      // What a suspended guest is, the manager says; a guest that suspends itself would look paused to it.
      pm: { 'suspend-to-mem': { '@enabled': 'no' }, 'suspend-to-disk': { '@enabled': 'no' } },
      devices: devicesXml(instance, platform, files),
    },
  });
}

function bootXml({ image }: InstanceSpec, platform: GuestPlatform, files: GuestFiles): XmlElement {
  const type = { '@arch': 'x86_64', '@machine': platform.machine, '#': 'hvm' };
  if (files.kernel === undefined) return { type };
  return { type, kernel: files.kernel, initrd: files.ramdisk, cmdline: image.location.kernelCommandLine };
}

/** Under TCG the default model is taken: the host's CPU says nothing about what can be emulated. */
function cpuXml(platform: GuestPlatform): XmlElement | undefined {
  return platform.virtType === 'kvm' ? { '@mode': 'host-model', '@check': 'partial' } : undefined;
}

function clockXml(platform: GuestPlatform): XmlElement {
  if (platform.virtType === 'qemu') return { '@offset': 'utc' };
  const timer = [
    { '@name': 'pit', '@tickpolicy': 'delay' },
    { '@name': 'rtc', '@tickpolicy': 'catchup' },
    { '@name': 'hpet', '@present': 'no' },
  ];
  return { '@offset': 'utc', timer };
}

function devicesXml(
  { image, networkInterfaces }: InstanceSpec,
  platform: GuestPlatform,
  files: GuestFiles,
): XmlElement {
  return {
    emulator: platform.emulator,
    disk: files.disks,
    controller: [usbControllerXml(platform.vnc), ...diskControllersXml(image, files)],
    interface: networkInterfaces.map((vif) => interfaceXml(vif, image, platform)),
    serial: serialXml(files.consoleLog),
    channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    ...vncXml(platform.vnc),
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#': '/dev/urandom' } },
    // Gives memory back to the host while the guest does not need it, and tells how much it uses.
    memballoon: { '@model': 'virtio', '@autodeflate': 'on', '@freePageReporting': 'on', stats: { '@period': 10 } },
  };
}

function diskControllersXml(image: Image, files: GuestFiles): readonly XmlElement[] {
  const onScsi = files.disks.length > 0 && rootDiskBus(image) === 'scsi';
  return onScsi ? [{ '@type': 'scsi', '@index': 0, '@model': 'virtio-scsi' }] : [];
}
