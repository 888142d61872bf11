import type { Image } from '@virtkit/core/driver';
import type { XmlElement } from './render-xml.js';

/** The first disk's name on each bus, which is also the prefix of the kernel's name for it. */
const firstDisk = { virtio: 'vda', scsi: 'sda', sata: 'sda', ide: 'hda' } as const;

type Bus = keyof typeof firstDisk;

/**
 * `cache='writeback'` works on every filesystem and heeds the guest's flushes; `discard` gives back what the guest
 * trims. The backing image is named in the overlay's header together with its format, so nothing is probed.
 */
export function rootDiskXml(path: string, image: Image): XmlElement {
  const bus = rootDiskBus(image);
  return {
    '@type': 'file',
    '@device': 'disk',
    driver: { '@name': 'qemu', '@type': 'qcow2', '@cache': 'writeback', '@discard': 'unmap' },
    source: { '@file': path },
    target: { '@dev': firstDisk[bus], '@bus': bus },
    ...(image.location.kernel === undefined ? { boot: { '@order': 1 } } : {}),
    alias: { '@name': 'ua-root' },
  };
}

export function rootDiskBus(image: Image): Bus {
  const bus = image.properties['hw_disk_bus']?.toLowerCase();
  return bus !== undefined && Object.hasOwn(firstDisk, bus) ? (bus as Bus) : 'virtio';
}

/** The values of `hw_disk_bus`: a q35 machine has no IDE. */
export function rootDiskBuses(machine: 'pc' | 'q35'): readonly string[] {
  return Object.keys(firstDisk).filter((bus) => bus !== 'ide' || machine === 'pc');
}
