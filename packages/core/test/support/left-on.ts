import type { FakeHypervisor } from '@virtkit/driver-fake';

/** What a host holds of an instance, in words; empty for nothing. */
export function leftOn(hypervisor: FakeHypervisor, instanceUuid: string): readonly string[] {
  const { guest, disks, vifs, kept, arrived, probe } = hypervisor.look(instanceUuid);
  return [
    ...(guest ? [`guest ${guest.state}`] : []),
    ...disks.map(() => 'disk'),
    ...vifs.map(() => 'vif'),
    ...(kept ?? []).map(() => 'kept disk'),
    ...(arrived ?? []).map(() => 'arrived disk'),
    ...(probe ? ['probe'] : []),
  ];
}
