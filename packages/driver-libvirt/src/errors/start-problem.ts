import type { StartProblem } from '@virtkit/core/driver';
import { ErrorDomain, ErrorNumber, type LibvirtError } from '@virtkit/libvirt-client';

interface StartProblemRow {
  readonly problem: StartProblem;
  readonly text?: RegExp;
  readonly code?: number;
  readonly domain?: number;
}

const { VIR_ERR_NO_SECRET, VIR_ERR_CONFIG_UNSUPPORTED } = ErrorNumber;
const { VIR_FROM_NETWORK, VIR_FROM_SECURITY, VIR_FROM_STORAGE } = ErrorDomain;

/**
 * libvirt's codes are too coarse to tell why a guest did not start: 1 (internal error) and 38 (system error) stand for
 * nearly everything. This is the only place where its words are read; the first row that fits decides. A text that fits
 * none is `unspecified`, which is always true.
 */
const rows: readonly StartProblemRow[] = [
  {
    problem: 'saved memory',
    text: /while loading state|load of migration failed|image magic is incorrect|failed to read qemu header|save image is incomplete/i,
  },
  { problem: 'network', domain: VIR_FROM_NETWORK },
  { problem: 'network', text: /\/dev\/net\/tun|tun module|create tap device|TUNSETIFF/i },
  {
    problem: 'network',
    text: /Cannot get interface MTU on|Unable to add (bridge|port)|tap interface|bridge .*No such device/i,
  },
  {
    problem: 'memory',
    text: /cannot set up guest memory|Cannot allocate memory|hugetlbfs|memory backing|out of memory/i,
  },
  { problem: 'memory', text: /mlock|locked memory|memory locking|RLIMIT_MEMLOCK/i },
  { problem: 'console', text: /-vnc |vnc server|unused port in range|graphics|-chardev .*(address|bind)|-spice /i },
  { problem: 'console', text: /Failed to (create|open) file '[^']*console\.log/i },
  { problem: 'machine', text: /does not support machine type|unsupported machine type/i },
  {
    problem: 'virtualization',
    text: /-accel kvm|\bKVM\b|\/dev\/kvm|CPU mode .* not supported|guest CPU .*not (match|compatible)|CPU .*incompatible|invalid.* domain type|domain type .*not supported/i,
  },
  { problem: 'kernel', domain: VIR_FROM_SECURITY, text: /unable to stat:/i },
  {
    problem: 'kernel',
    text: /could not (load|open) kernel|could not load initrd|initrd .*too large|linux kernel too old/i,
  },
  { problem: 'firmware', text: /firmware|OVMF|\bUEFI\b|PC BIOS|\bnvram\b|pflash/i },
  {
    problem: 'image',
    text: /not in qcow2 format|image is corrupt|qcow2.*(corrupt|invalid|unsupported)|unsupported qcow2|could not read (L1|refcount|snapshot)|L1 (table|size)|refcount table|invalid.*(header|cluster size)/i,
  },
  { problem: 'disk', domain: VIR_FROM_STORAGE },
  { problem: 'disk', code: VIR_ERR_NO_SECRET },
  {
    problem: 'disk',
    text: /Failed to get "(write|shared|consistent read)" lock|-blockdev|storage file|Could not open '/i,
  },
  { problem: 'device', code: VIR_ERR_CONFIG_UNSUPPORTED, text: /passthrough|device|vfio/i },
  { problem: 'device', text: /host(dev| device)|vfio|\b(sw)?tpm\b/i },
];

export function startProblem(failure: LibvirtError): StartProblem {
  const row = rows.find(
    ({ code, domain, text }) =>
      (code === undefined || code === failure.code) &&
      (domain === undefined || domain === failure.domain) &&
      (text === undefined || text.test(failure.rawMessage)),
  );
  return row?.problem ?? 'unspecified';
}
