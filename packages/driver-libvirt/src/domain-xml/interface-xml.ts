import type { Image, NetworkInterface } from '@virtkit/core/driver';
import type { GuestPlatform } from './guest-platform.js';
import type { XmlElement } from './render-xml.js';

/** The values of `hw_vif_model`. */
export const interfaceModels: readonly string[] = ['virtio', 'e1000', 'e1000e', 'rtl8139'];

export function interfaceXml(vif: NetworkInterface, image: Image, platform: GuestPlatform): XmlElement {
  const device = {
    mac: { '@address': vif.macAddress },
    model: { '@type': interfaceModel(image) },
  };
  const alias = { '@name': `ua-${vif.id}` };
  // QEMU's own user-mode network has no tap: neither its name nor its MTU can be chosen.
  if (vif.type === 'user') return { '@type': 'user', ...device, alias };
  return {
    '@type': vif.type,
    source: vif.type === 'bridge' ? { '@bridge': vif.bridge } : { '@network': vif.network },
    target: { '@dev': tapName(vif.id) },
    ...device,
    // Without a name libvirt would turn vhost on, which is of no use to an emulated CPU.
    ...(platform.virtType === 'qemu' ? { driver: { '@name': 'qemu' } } : {}),
    ...(vif.mtuBytes === undefined ? {} : { mtu: { '@size': vif.mtuBytes } }),
    alias,
  };
}

/** Nova's name: `tap` and as much of the port's uuid as the kernel's 15 characters allow with a margin. */
function tapName(interfaceId: string): string {
  return `tap${interfaceId.slice(0, 11)}`;
}

function interfaceModel(image: Image): string {
  const model = image.properties['hw_vif_model']?.toLowerCase();
  return model !== undefined && interfaceModels.includes(model) ? model : 'virtio';
}
