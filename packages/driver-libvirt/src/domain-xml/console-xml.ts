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

/** Where the VNC server of a guest listens: at an address that the operator has named, else on a unix socket. */
export interface VncListener {
  readonly listenAddress?: string | undefined;
}

/**
 * A screen and a keyboard; nothing when the host offers no VNC. The socket is libvirt's own: in the directory of this life of
 * the guest, which QEMU's user and group may enter and nobody else. No password: the console proxy is the guard.
 */
export function vncXml(vnc: VncListener | undefined): XmlElement {
  if (vnc === undefined) return {};
  const { listenAddress } = vnc;
  const graphics =
    listenAddress === undefined
      ? { '@type': 'vnc', listen: { '@type': 'socket' } }
      : { '@type': 'vnc', '@autoport': 'yes', listen: { '@type': 'address', '@address': listenAddress } };
  return { input: { '@type': 'tablet', '@bus': 'usb' }, graphics, video: { model: { '@type': 'vga' } } };
}

/** The tablet, a pointer that needs no grabbing, is the only USB device. */
export function usbControllerXml(vnc: VncListener | undefined): XmlElement {
  return { '@type': 'usb', '@index': 0, '@model': vnc === undefined ? 'none' : 'qemu-xhci' };
}
