import type { GuestInspection } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import type { InstanceDirectory } from '../files/instance-directory.js';
import type { GuestLook } from './guest-look.js';
import type { Guest } from './guest.js';
import { liveDevices } from './live-devices.js';

/** What is true of an instance: of its domain, if there is one, and of its files. */
export async function inspectGuest(
  guest: Guest | undefined,
  directory: InstanceDirectory,
  call: RunningCall,
): Promise<GuestInspection> {
  const look = await guest?.look(call);
  const ofGuest = guest !== undefined && look?.presence === 'present' ? await guestBelongings(guest, look, call) : [];
  const isPresent = guest !== undefined && look?.presence === 'present';
  const generation = isPresent ? guest.generation : await directory.generation();
  return {
    guest: look?.presence ?? 'absent',
    powerState: look?.powerState ?? 'NOSTATE',
    savedMemory: look?.savedMemory ?? 'absent',
    ...(generation !== undefined && { generation }),
    belongings: [...ofGuest, ...(await directory.belongings())],
  };
}

async function guestBelongings(guest: Guest, look: GuestLook, call: RunningCall): Promise<readonly string[]> {
  const definition = (await guest.isPersistent(call)) ? ['definition'] : [];
  const savedMemory = look.savedMemory === 'present' ? ['saved memory'] : [];
  if (look.life === undefined) return [...definition, ...savedMemory];
  const { interfaceCount } = liveDevices(await guest.readXml(call));
  return [...definition, ...savedMemory, ...Array.from({ length: interfaceCount }, () => 'vif')];
}
