import type { GuestImage } from './build-guest-image.js';

export interface GuestDomain {
  readonly name: string;
  readonly image: GuestImage;
  /** A file QEMU creates and the guest's console is written to. */
  readonly serialLogPath: string;
  /** Default: libvirt makes one up. The guest prints it after GUEST-UP. */
  readonly uuid?: string;
  /** Default 128; below 96 the guest does not boot. */
  readonly memoryMib?: number;
  /** A bridge the guest's only network card is put on. Default: no network card. */
  readonly bridge?: string;
}

/** The smallest domain that boots the test guest with a guest agent, for `virsh define` and the like. */
export function guestDomainXml({ name, image, serialLogPath, uuid, memoryMib = 128, bridge }: GuestDomain): string {
  const card =
    bridge && `<interface type='bridge'><source bridge='${escape(bridge)}'/><model type='virtio'/></interface>`;
  return `<domain type='qemu'>
  <name>${escape(name)}</name>
  ${uuid ? `<uuid>${escape(uuid)}</uuid>` : ''}
  <memory unit='MiB'>${memoryMib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${escape(image.kernelPath)}</kernel>
    <initrd>${escape(image.initrdPath)}</initrd>
    <cmdline>${escape(image.commandLine)}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <serial type='file'><source path='${escape(serialLogPath)}'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    ${card ?? ''}
  </devices>
</domain>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => ENTITIES[character] as string);
}
