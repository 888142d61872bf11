import { volumeIds, type ProvidedCompute } from '../support/memory-providers.js';
import type { MachineRoom } from './machine-room.js';

const mark = 'what a tenant has written';

/** An instance to which nothing is done. */
export const bystanderUuid = '99999999-2222-4333-8444-555555555555';

/** What tenants would miss. */
export interface Precious {
  readonly disk: 'none' | 'precious' | 'lost';
  /** Those that have been written to. */
  readonly volumes: readonly string[];
  readonly bystander: string;
  readonly images: readonly string[];
}

/** A running guest writes something to each of its disks. */
export function writeMarks({ hypervisor }: ProvidedCompute, instanceUuid: string): void {
  const { guest, devices } = hypervisor.look(instanceUuid);
  if (guest?.state !== 'running') return;
  const disks = ['root', ...(devices?.blockDevices ?? []).map(({ id }) => id)];
  for (const disk of disks) hypervisor.writeDisk(instanceUuid, disk, mark);
}

export function precious({ datacenter, hosts, images }: MachineRoom, instanceUuid: string): Precious {
  const hypervisors = hosts.map((host) => datacenter.host(host));
  const looks = hypervisors.map((hypervisor) => hypervisor.look(instanceUuid));
  const disks = looks.flatMap(({ disks: own, kept = [], arrived = [] }) => [...own, ...kept, ...arrived]);
  const roots = disks.filter(({ id }) => id === 'root');
  const isMarked = roots.some(({ content }) => content.written.includes(mark));
  const isWritten = (id: string): boolean =>
    hypervisors.some(({ storage }) => storage.fileAt(`/volumes/${id}.raw`)?.content.written.includes(mark));
  return {
    disk: isMarked ? 'precious' : roots.length === 0 ? 'none' : 'lost',
    volumes: volumeIds.filter(isWritten),
    bystander: JSON.stringify(hypervisors.map((hypervisor) => hypervisor.look(bystanderUuid))),
    images: images.ids,
  };
}
