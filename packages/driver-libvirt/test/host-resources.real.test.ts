import { readFile } from 'node:fs/promises';
import { testEnvironment } from '@virtkit/driver-testkit';
import { expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { RealHost } from './support/real-host.js';

/** All the memory that the kernel has to give, in MiB. */
async function kernelMemoryMib(): Promise<number> {
  const kib = /^MemTotal: +(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  return Math.floor(Number(kib) / 1024);
}

// What libvirt says of the node is a sum over its NUMA cells: 10.6 GiB on a machine that had grown to 23.5.
it('the resources of a host name as much memory as its kernel has', async () => {
  await using host = await RealHost.start();
  const driver = new LibvirtDriver(host.configuration(), testEnvironment());
  await driver.initHost({});
  try {
    // A machine under a balloon may grow or shrink at any time.
    const before = await kernelMemoryMib();
    const { memoryMib, memoryUsedMib } = await driver.getAvailableResource({});
    expect([before, await kernelMemoryMib()]).toContain(memoryMib);
    expect(memoryUsedMib).toBeGreaterThan(0);
    expect(memoryUsedMib).toBeLessThan(memoryMib);
  } finally {
    await driver.cleanupHost({});
  }
});
