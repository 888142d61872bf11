import type { PowerState } from '@virtkit/core/driver';
import { DomainState } from '@virtkit/libvirt-client';

const powerStateByDomainState: ReadonlyMap<number, PowerState> = new Map([
  [DomainState.VIR_DOMAIN_NOSTATE, 'NOSTATE'],
  [DomainState.VIR_DOMAIN_RUNNING, 'RUNNING'],
  [DomainState.VIR_DOMAIN_BLOCKED, 'RUNNING'],
  [DomainState.VIR_DOMAIN_PAUSED, 'PAUSED'],
  // "Being shut down": QEMU is still there and holds its disks.
  [DomainState.VIR_DOMAIN_SHUTDOWN, 'RUNNING'],
  [DomainState.VIR_DOMAIN_SHUTOFF, 'SHUTDOWN'],
  [DomainState.VIR_DOMAIN_CRASHED, 'CRASHED'],
  // The guest's memory stays where it is while its CPUs stand still.
  [DomainState.VIR_DOMAIN_PMSUSPENDED, 'PAUSED'],
]);

/** A state that is newer than this driver is `NOSTATE`: it must never be read as "off". */
export function domainPowerState(state: number, savedMemory: 'present' | 'absent'): PowerState {
  const powerState = powerStateByDomainState.get(state) ?? 'NOSTATE';
  return powerState === 'SHUTDOWN' && savedMemory === 'present' ? 'SUSPENDED' : powerState;
}
