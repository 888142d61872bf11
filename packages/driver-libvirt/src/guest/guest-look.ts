import type { PowerState } from '@virtkit/core/driver';
import { ErrorNumber, LibvirtError, type CallOptions, type LibvirtClient } from '@virtkit/libvirt-client';
import { domainPowerState } from './domain-power-state.js';

/** What libvirt says of a domain at one moment. */
export interface GuestLook {
  readonly presence: 'present' | 'absent';
  readonly powerState: PowerState;
  readonly savedMemory: 'present' | 'absent';
  /** libvirt's reason for the state, a value of the matching `Domain…Reason`. */
  readonly reason: number;
  /** Another number after each start; `undefined` while it does not run. */
  readonly life: number | undefined;
}

const gone: GuestLook = {
  presence: 'absent',
  powerState: 'NOSTATE',
  savedMemory: 'absent',
  reason: 0,
  life: undefined,
};

export async function lookAt(uuid: string, client: LibvirtClient, options: CallOptions): Promise<GuestLook> {
  try {
    const domain = await client.lookupByUUID(uuid, options);
    const { state, reason } = await domain.getState(0, options);
    const isRunning = domain.id >= 0;
    const isSaved = !isRunning && (await domain.hasManagedSaveImage(0, options));
    const savedMemory = isSaved ? 'present' : 'absent';
    const powerState = domainPowerState(state, savedMemory);
    return { presence: 'present', powerState, savedMemory, reason, life: isRunning ? domain.id : undefined };
  } catch (failure) {
    if (LibvirtError.is(failure, ErrorNumber.VIR_ERR_NO_DOMAIN)) return gone;
    throw failure;
  }
}
