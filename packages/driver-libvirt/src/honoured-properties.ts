import type { HonouredProperties, HonouredValues } from '@virtkit/core/driver';
import { interfaceModels } from './domain-xml/interface-xml.js';
import { rootDiskBuses } from './domain-xml/root-disk-xml.js';
import type { LibvirtConfiguration } from './libvirt-configuration.js';

type Platform = Pick<LibvirtConfiguration, 'machine' | 'vnc'>;

/** One property that this driver acts on. */
export interface HonouredRow {
  readonly of: 'flavor' | 'image';
  readonly name: string;
  readonly values: HonouredValues;
  /** What the guest gets, for the document. */
  readonly does: string;
}

const yes = ['yes', 'true', 'on', '1'] as const;
const no = ['no', 'false', 'off', '0'] as const;

/**
 * Every extra spec and image property that guests of this driver get, with its values. All others that ask for something are
 * refused before anything is written. Many rows ask for what every guest has anyway; they are here because images say so.
 */
export function honouredRows({ machine, vnc }: Platform): readonly HonouredRow[] {
  const screen = vnc === undefined ? [] : screenRows;
  return [
    { of: 'image', name: 'hw_disk_bus', values: rootDiskBuses(machine), does: 'the bus of the root disk' },
    { of: 'image', name: 'hw_vif_model', values: interfaceModels, does: 'the network card' },
    { of: 'image', name: 'hw_machine_type', values: [machine], does: 'the machine that the host is configured for' },
    { of: 'image', name: 'hw_firmware_type', values: ['bios'], does: 'a BIOS' },
    { of: 'image', name: 'os_secure_boot', values: ['disabled', 'optional'], does: 'no secure boot' },
    { of: 'image', name: 'architecture', values: ['x86_64'], does: 'the only architecture' },
    { of: 'image', name: 'hw_architecture', values: ['x86_64'], does: 'the only architecture' },
    { of: 'image', name: 'hypervisor_type', values: ['qemu', 'kvm'], does: 'QEMU, with or without KVM' },
    { of: 'image', name: 'img_hv_type', values: ['qemu', 'kvm'], does: 'QEMU, with or without KVM' },
    { of: 'image', name: 'vm_mode', values: ['hvm'], does: 'full virtualization' },
    { of: 'image', name: 'hw_scsi_model', values: ['virtio-scsi'], does: 'the SCSI controller' },
    { of: 'image', name: 'hw_rng_model', values: ['virtio'], does: 'every guest has one' },
    { of: 'image', name: 'hw_qemu_guest_agent', values: yes, does: 'every guest has the channel of an agent' },
    { of: 'image', name: 'hw_watchdog_action', values: ['disabled'], does: 'no watchdog' },
    { of: 'image', name: 'hw_vif_multiqueue_enabled', values: no, does: 'one queue for each card' },
    { of: 'image', name: 'hw_boot_menu', values: no, does: 'no boot menu' },
    { of: 'image', name: 'hw_mem_encryption', values: no, does: 'plain memory' },
    { of: 'image', name: 'hw_cpu_policy', values: ['shared'], does: 'CPUs that are not pinned' },
    { of: 'image', name: 'hw_mem_page_size', values: ['small', 'any'], does: 'the small pages of the host' },
    { of: 'image', name: 'os_require_quiesce', values: no, does: 'no snapshot asks the guest' },
    { of: 'image', name: 'os_type', values: ['linux', 'other'], does: 'nothing: no guest needs more than others' },
    { of: 'image', name: 'img_config_drive', values: ['optional'], does: 'no config drive' },
    { of: 'image', name: 'img_hide_hypervisor_id', values: no, does: 'a guest that knows its hypervisor' },
    { of: 'image', name: 'hw_cdrom_bus', values: 'any', does: 'nothing: no guest has a drive' },
    { of: 'image', name: 'hw_floppy_bus', values: 'any', does: 'nothing: no guest has a drive' },
    { of: 'image', name: 'hw_rescue_bus', values: 'any', does: 'nothing: no guest is rescued' },
    { of: 'image', name: 'hw_rescue_device', values: 'any', does: 'nothing: no guest is rescued' },
    { of: 'flavor', name: 'hw:cpu_policy', values: ['shared'], does: 'CPUs that are not pinned' },
    { of: 'flavor', name: 'hw:mem_page_size', values: ['small', 'any'], does: 'the small pages of the host' },
    { of: 'flavor', name: 'hw:watchdog_action', values: ['disabled'], does: 'no watchdog' },
    { of: 'flavor', name: 'hw:boot_menu', values: no, does: 'no boot menu' },
    { of: 'flavor', name: 'hw:mem_encryption', values: no, does: 'plain memory' },
    { of: 'flavor', name: 'hw:cpu_realtime', values: no, does: 'no realtime CPUs' },
    { of: 'flavor', name: 'hw:vif_multiqueue_enabled', values: no, does: 'one queue for each card' },
    { of: 'flavor', name: 'hw:hide_hypervisor_id', values: no, does: 'a guest that knows its hypervisor' },
    { of: 'flavor', name: 'hide_hypervisor_id', values: no, does: 'a guest that knows its hypervisor' },
    { of: 'flavor', name: 'hw_rng:allowed', values: yes, does: 'every guest has a random number generator' },
    { of: 'flavor', name: 'os:secure_boot', values: ['disabled', 'optional'], does: 'no secure boot' },
    ...screen,
  ];
}

const screenRows: readonly HonouredRow[] = [
  { of: 'image', name: 'hw_video_model', values: ['vga'], does: 'the card of the VNC console' },
  { of: 'image', name: 'hw_pointer_model', values: ['usbtablet'], does: 'the pointer of the VNC console' },
  { of: 'image', name: 'hw_input_bus', values: ['usb'], does: 'the pointer of the VNC console' },
];

/** The rows as the manager asks for them. */
export function honouredProperties(platform: Platform): HonouredProperties {
  const rows = honouredRows(platform);
  const byName = (of: HonouredRow['of']) =>
    Object.fromEntries(rows.filter((row) => row.of === of).map(({ name, values }) => [name, values]));
  return { extraSpecs: byName('flavor'), imageProperties: byName('image') };
}
