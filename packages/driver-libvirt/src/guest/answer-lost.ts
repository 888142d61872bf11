import { LibvirtConnectionError, LibvirtTimeoutError } from '@virtkit/libvirt-client';

/** True when a call was sent and its answer will not come: only a look can tell whether it was done. */
export function isAnswerLost(failure: unknown): boolean {
  return (failure instanceof LibvirtConnectionError || failure instanceof LibvirtTimeoutError) && failure.sent;
}
