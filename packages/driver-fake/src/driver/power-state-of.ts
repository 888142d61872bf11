import type { PowerState } from '@virtkit/core/driver';
import type { GuestState } from '../hypervisor/guest-transitions.js';
import type { GuestView } from '../hypervisor/guest-view.js';

const powerStateOfGuest: Readonly<Record<GuestState, PowerState>> = {
  running: 'RUNNING',
  paused: 'PAUSED',
  'shut-off': 'SHUTDOWN',
  crashed: 'CRASHED',
};

/** The contract's word for what the hypervisor says. */
export function powerStateOf({ guest, savedMemory }: GuestView): PowerState {
  if (guest === undefined) return 'NOSTATE';
  if (guest.state === 'shut-off' && savedMemory === 'present') return 'SUSPENDED';
  return powerStateOfGuest[guest.state];
}
