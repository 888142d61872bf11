import type { Diagnostics } from '@virtkit/core/driver';
import type { FakeDisk } from './guest-view.js';
import type { SimulatedGuest } from './simulated-guest.js';

/** The share of its time that the CPU of a simulated guest is busy. */
const CPU_SHARE = 0.1;

/** The figures of a guest, made up from how long it has run and what it has written. */
export function guestDiagnostics(
  guest: SimulatedGuest,
  disks: readonly FakeDisk[],
  monotonicMs: number,
): Omit<Diagnostics, 'powerState'> {
  const { flavor, blockDevices, networkInterfaces } = guest.running ?? guest.definition;
  const uptimeMs = Math.floor(monotonicMs - guest.bootedAtMs);
  const { counters } = guest.doings;
  return {
    uptimeMs,
    vcpus: Array.from({ length: flavor.vcpus }, () => ({ cpuTimeMs: Math.floor(uptimeMs * CPU_SHARE) })),
    memory: { maximumMib: flavor.memoryMib, usedMib: Math.ceil(flavor.memoryMib / 2) },
    disks: [...disks, ...blockDevices].map(({ id }) => ({
      id,
      readBytes: 512n,
      writeBytes: BigInt(counters.get(id)?.bytes ?? 0),
    })),
    networkInterfaces: networkInterfaces.map(({ macAddress }) => ({ macAddress, receivedBytes: 0n, sentBytes: 0n })),
  };
}
