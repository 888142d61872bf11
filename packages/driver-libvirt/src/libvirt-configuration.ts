import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

const absolutePath = z.string('an absolute path of the host').refine(isAbsolute, 'an absolute path of the host');

const listenAddress = z
  .string('an IP address of the host')
  .refine((address) => isIP(address) !== 0, 'an IP address of the host');

const acceptedUris =
  'qemu:///system, qemu:///session or qemu+unix:///… of this host, because disks, images and consoles are files of the host that the driver runs on';

/** A libvirtd elsewhere would be asked for guests whose files are here. */
function isOfThisHost(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, host, pathname } = new URL(uri);
  return /^qemu(?:\+unix)?:$/u.test(protocol) && host === '' && /^\/(?:system|session)$/u.test(pathname);
}

function milliseconds(leastMs: number, defaultMs: number) {
  const accepted = `whole milliseconds, at least ${leastMs}`;
  return z.int(accepted).min(leastMs, accepted).default(defaultMs);
}

/** How long a call to libvirt may take before its outcome counts as unknown. */
const timeouts = z.strictObject({
  /** Questions are answered from libvirtd's memory, in a millisecond. */
  readMs: milliseconds(100, 10_000),
  /** Stopping is the longest: libvirt gives QEMU 10 s to end, kills it, and waits up to 30 s more. */
  changeMs: milliseconds(1_000, 60_000),
  /** A start takes less than a second, with large memory or slow storage minutes. */
  startMs: milliseconds(1_000, 180_000),
  /** The guest's memory is written to disk or read back. */
  saveMs: milliseconds(1_000, 600_000),
  /** After an answer was lost: for libvirtd to come back and tell what is true. systemd restarts it within a second. */
  reconnectMs: milliseconds(0, 15_000),
  /** qemu-img reads or writes the head of an image. */
  imageMs: milliseconds(100, 30_000),
});

/** What an operator says of the host. Checked before anything is connected or written. */
export const libvirtConfiguration = z.strictObject({
  /** As `qemu:///system` or `qemu:///session`. */
  uri: z.string(acceptedUris).refine(isOfThisHost, acceptedUris).default('qemu:///system'),
  /** libvirtd's socket, where it is not at the place that the URI implies. */
  socketPath: absolutePath.optional(),
  /** Disks and console logs live here, each instance's in a directory named by its uuid. QEMU's user must be able to enter. */
  stateDirectory: absolutePath,
  /** Images are taken from these directories and from nowhere else. They are only read. */
  imageDirectories: z.array(absolutePath, 'a list of absolute paths of the host').min(1, 'at least one directory'),
  /** `kvm` uses the CPU's virtualization, `qemu` emulates a CPU, which is about ten times slower and works everywhere. */
  virtType: z.enum(['kvm', 'qemu'], 'kvm, qemu').default('kvm'),
  machine: z.enum(['pc', 'q35'], 'pc, q35').default('pc'),
  /** The QEMU program; libvirt's own choice when left out. */
  emulator: absolutePath.optional(),
  /**
   * Gives every guest a VNC console, on a unix socket that QEMU's user and group reach. With `listenAddress` on a TCP port
   * instead, which nothing guards but the network: guests on user-mode networks reach a port of the host's loopback.
   */
  vnc: z.strictObject({ listenAddress: listenAddress.optional() }).optional(),
  /**
   * Whether instances may be on user-mode networks. A guest on one reaches what this host reaches: its services on the
   * loopback, at 10.0.2.2, and its networks. libvirt offers no way to restrict that. `refused` refuses such interfaces.
   */
  userNetworks: z.enum(['allowed', 'refused'], 'allowed, refused').default('allowed'),
  /** How long a paused guest waits for `network-vif-plugged` of its interfaces; 0: it does not wait. Nova's default. */
  vifPluggingTimeoutMs: milliseconds(0, 300_000),
  /** Whether a guest whose interfaces were not plugged in time fails to start, or starts without them. Nova's default. */
  vifPluggingIsFatal: z.boolean('true, false').default(true),
  /** How long a guest may take to stop by itself before a soft reboot becomes a hard one. Nova's default. */
  softRebootTimeoutMs: milliseconds(0, 120_000),
  timeouts: timeouts.prefault({}),
});

export type LibvirtConfiguration = z.output<typeof libvirtConfiguration>;
export type LibvirtTimeouts = LibvirtConfiguration['timeouts'];
