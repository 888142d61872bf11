/** A domain that either driver takes; on QEMU it runs firmware that finds nothing to boot. */
export function guestXml(
  driver: 'test' | 'qemu',
  guest: { readonly name: string; readonly uuid: string; readonly diskPath?: string },
): string {
  const head = `<name>${guest.name}</name><uuid>${guest.uuid}</uuid><description>${guest.name} &amp; co</description>
    <memory unit='MiB'>32</memory><vcpu>1</vcpu>`;
  if (driver === 'test') return `<domain type='test'>${head}<os><type>hvm</type></os></domain>`;
  const disk =
    guest.diskPath === undefined
      ? ''
      : `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${guest.diskPath}'/>
         <target dev='vda' bus='virtio'/></disk>`;
  return `<domain type='qemu'>${head}<os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices>${disk}<serial type='pty'/><console type='pty'><target type='serial' port='0'/></console></devices></domain>`;
}
