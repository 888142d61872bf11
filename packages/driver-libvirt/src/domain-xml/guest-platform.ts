import type { VncListener } from './console-xml.js';

/** What the host's configuration says of every guest, whatever its instance. */
export interface GuestPlatform {
  readonly virtType: 'kvm' | 'qemu';
  readonly machine: 'pc' | 'q35';
  /** The QEMU program; libvirt's own choice when left out. */
  readonly emulator?: string | undefined;
  /** Where VNC servers listen; without it guests have neither VNC nor a video card. */
  readonly vnc?: VncListener | undefined;
}
