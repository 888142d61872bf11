import type { XmlElement } from './render-xml.js';

/**
 * The serial port: a pseudo terminal for `virsh console`, copied to a log. The log is of the guest's present life: it is
 * emptied at each start. Its growth is limited by virtlogd, which is libvirt's default way of writing it.
 */
export function serialXml(consoleLog: string): XmlElement {
  return {
    '@type': 'pty',
    log: { '@file': consoleLog, '@append': 'off' },
    target: { '@port': 0 },
    alias: { '@name': 'ua-serial0' },
  };
}

/** A screen and a keyboard; nothing when the host offers no VNC. No password: whoever proxies the console guards it. */
export function vncXml(listenAddress: string | undefined): XmlElement {
  if (listenAddress === undefined) return {};
  return {
    input: { '@type': 'tablet', '@bus': 'usb' },
    graphics: {
      '@type': 'vnc',
      '@autoport': 'yes',
      listen: { '@type': 'address', '@address': listenAddress },
    },
    video: { model: { '@type': 'vga' } },
  };
}

/** The tablet, a pointer that needs no grabbing, is the only USB device. */
export function usbControllerXml(listenAddress: string | undefined): XmlElement {
  return { '@type': 'usb', '@index': 0, '@model': listenAddress === undefined ? 'none' : 'qemu-xhci' };
}
