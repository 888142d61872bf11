/**
 * Why a daemon refuses calls on the stage of stage.ts, by what it says. A refusal that none of these explains is a fault
 * of the client until somebody has looked.
 */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/VIR_ERR_NO_SUPPORT/, 'the driver has no such function'],
  [/VIR_ERR_RPC: unknown procedure/, 'newer than the daemon'],
  [/guest agent is not configured/, 'the guest has no agent'],
  [/cgroup .*mounted|cgroup isn't mounted/, 'the daemon has no control groups'],
  [/cannot execute binary|SMBIOS|VFIO|SEV/, 'the machine lacks what it takes'],
  [
    /VIR_ERR_NO_(?:INTERFACE|DOMAIN_SNAPSHOT|DOMAIN_CHECKPOINT|DOMAIN_BACKUP|NWFILTER_BINDING|NETWORK_PORT)/,
    'no such object',
  ],
  [
    /not a known interface|invalid path|disk 'vda' (?:was not|does not)|for disk 'vda'|device not found/,
    'no such device',
  ],
  [/cannot find channel|no device found|iothread ?(?:id)? ?1 not found|cause is unknown/, 'no such device'],
  [/disk vda does not have an active block job|could not find base image/, 'no such block job, and nothing to commit'],
  [/VIR_ERR_XML_DETAIL: .*Start tag expected|has no uuid/, 'no XML that would be taken'],
  [/must not be (?:NULL|zero)|Invalid suspend target|expects a power of two/, 'nothing to set that would be taken'],
  [/VIR_ERR_OPERATION_INVALID|already in requested state/, 'not in a state for it'],
  [/is not a PCI device|Unsupported device type|wake-up from suspend/, 'not a device or guest for it'],
  [
    /'raw' format not 'qcow2'|'filename' must not have null|v2 image|qcow2 v2|shared "write" lock|Directory not empty/,
    'not a disk for it',
  ],
  [/cannot create checkpoint while snapshot exists|No memory balloon/, 'not a guest for it'],
  [/parameter 'weight' not supported/, 'QEMU’s driver has no such parameter'],
  [/Failed to bind socket to \/nonexistent/, 'no such place, on purpose'],
  [/did not set virError/, 'the test driver forgets to say why'],
  [/unsupported flags \(0x4\) in function testDomainGetLaunchSecurityInfo/, 'the daemon itself adds that flag'],
];

export function refusalReason(message: string): string | undefined {
  return reasons.find(([pattern]) => pattern.test(message))?.[1];
}
