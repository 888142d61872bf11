import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { mentions, testbedProcesses } from './daemon/testbed-processes.js';
import { heldTaps } from './held-taps.js';

/**
 * What is still there of a private libvirtd: one plain sentence each for its processes, other guests that use its files,
 * the tap devices they hold and mounts of its directory in our own namespace; also tap devices of the machine that no
 * process holds. Empty when clean, whether or not the directory still exists. Other daemons are not reported.
 */
export async function leftovers(directory: string): Promise<readonly string[]> {
  const path = resolve(directory);
  const processes = await testbedProcesses(path);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => mentions(line, path));
  return [
    ...processes.map(
      ({ kind, owner, pid, commandLine }) =>
        `${owner === 'testbed' ? kind : `another testbed's ${kind}`} process ${pid}: ${commandLine.slice(0, 200)}`,
    ),
    ...(await heldTaps(processes.map(({ pid }) => pid))).map((tap) => `tap device ${tap} of its guests`),
    ...(await orphanedTaps()).map((tap) => `tap device ${tap} that no process holds`),
    ...mounts.map((line) => `mount ${line}`),
  ];
}

/** libvirt's taps vanish with the process that holds them, unless something made them persistent. */
async function orphanedTaps(): Promise<readonly string[]> {
  const taps = await libvirtTaps();
  if (taps.length === 0) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const held = new Set(await heldTaps(pids));
  const existing = new Set(await libvirtTaps());
  return taps.filter((tap) => !held.has(tap) && existing.has(tap));
}

async function libvirtTaps(): Promise<readonly string[]> {
  return (await readdir('/sys/class/net')).filter((name) => /^vnet\d+$/.test(name));
}
