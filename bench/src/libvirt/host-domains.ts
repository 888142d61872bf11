import type { RpcConnection } from '@virtkit/libvirt-client';

const DEFINED_AT_ONCE = 4;

/** Defines so many small domains on the host, for there to be a list of them. None is started. */
export async function defineHostDomains(host: RpcConnection, count: number): Promise<void> {
  const define = async (first: number): Promise<void> => {
    for (let nth = first; nth < count; nth += DEFINED_AT_ONCE) await host.defineXML(domainXml(nth));
  };
  await Promise.all(Array.from({ length: DEFINED_AT_ONCE }, (_, first) => define(first)));
}

function domainXml(nth: number): string {
  return `<domain type='qemu'>
  <name>bench-${String(nth).padStart(3, '0')}</name>
  <memory unit='MiB'>16</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
</domain>`;
}
