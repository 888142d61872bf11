import type { Instance, InstancePatch } from '../model/instance.js';
import { withPending } from '../model/pending-release.js';
import type { VmState } from '../model/vm-state.js';

/**
 * A change of an instance's vm state with all that follows from it for the rest of the record, whichever way the state was reached. What the
 * change itself says of a field counts. A record that forgets the image it was shelved in lists that image as a pending release in the same
 * change, so that no death of the process in between loses the image.
 */
export function recordInvariants(
  { shelvedImageId: imageId, pendingRelease }: Pick<Instance, 'shelvedImageId' | 'pendingRelease'>,
  patch: InstancePatch & { readonly vmState: VmState },
  nowMs: number,
): InstancePatch {
  const whole = { ...impliedBy(patch.vmState), ...patch };
  const keepsImage = imageId === null || whole.shelvedImageId === undefined || whole.shelvedImageId === imageId;
  if (keepsImage) return whole;
  const entry = { kind: 'image', imageId, sinceMs: nowMs } as const;
  return { ...whole, pendingRelease: withPending(whole.pendingRelease ?? pendingRelease, [entry]) };
}

function impliedBy(vmState: VmState): InstancePatch {
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
