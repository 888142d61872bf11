import type { InstancePatch } from '../model/instance.js';
import type { VmState } from '../model/vm-state.js';

/** What follows from a vm state for the rest of the record: whichever way it was reached, these fields do not contradict it. */
export function recordInvariants(vmState: VmState): InstancePatch {
  switch (vmState) {
    case 'shelved_offloaded':
      return { host: null };
    case 'shelved':
    case 'soft-delete':
    case 'error':
    case 'building':
      return {};
    default:
      return { shelvedImageId: null };
  }
}
