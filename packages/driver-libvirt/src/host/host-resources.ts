import { statfs } from 'node:fs/promises';
import type { HostResources } from '@virtkit/core/driver';
import { procedures, type CallOptions, type LibvirtClient } from '@virtkit/libvirt-client';

const KIB_PER_MIB = 1024;
const BYTES_PER_GIB = 1024 ** 3;
const ALL_CELLS = -1;

/** What the host has, and what of it is taken by whatever runs there. */
export async function hostResources(
  client: LibvirtClient,
  stateDirectory: string,
  options: CallOptions,
): Promise<HostResources> {
  const [{ type }, version, hypervisorHostname, { cpus }, memory, disk] = await Promise.all([
    client.call(procedures.connectGetType, {}, options),
    client.getVersion(options),
    client.getHostname(options),
    client.nodeGetInfo(options),
    memoryKib(client, options),
    statfs(stateDirectory),
  ]);
  return {
    hypervisorType: type,
    hypervisorVersion: dotted(version),
    hypervisorHostname,
    vcpus: cpus,
    memoryMib: Math.floor(memory.total / KIB_PER_MIB),
    memoryUsedMib: Math.ceil(memory.used / KIB_PER_MIB),
    diskGib: Math.floor((disk.blocks * disk.bsize) / BYTES_PER_GIB),
    diskUsedGib: Math.ceil(((disk.blocks - disk.bfree) * disk.bsize) / BYTES_PER_GIB),
  };
}

interface MemoryKib {
  readonly total: number;
  /** What cannot be given to a guest: all that is neither free nor a cache of files. */
  readonly used: number;
}

/**
 * Both from one source, `/proc/meminfo` of the host. The memory in `nodeGetInfo` is another: the sum over NUMA cells, in which memory that
 * was added to a running host may be missing.
 */
async function memoryKib(client: LibvirtClient, options: CallOptions): Promise<MemoryKib> {
  const { nparams } = await client.call(
    procedures.nodeGetMemoryStats,
    { nparams: 0, cellNum: ALL_CELLS, flags: 0 },
    options,
  );
  const { params } = await client.call(
    procedures.nodeGetMemoryStats,
    { nparams, cellNum: ALL_CELLS, flags: 0 },
    options,
  );
  const kib = new Map(params.map(({ field, value }) => [field, Number(value)]));
  const of = (field: string) => kib.get(field) ?? 0;
  const total = of('total');
  return { total, used: total - of('free') - of('buffers') - of('cached') };
}

function dotted(version: number): string {
  const major = Math.floor(version / 1_000_000);
  const minor = Math.floor(version / 1_000) % 1_000;
  return `${major}.${minor}.${version % 1_000}`;
}
