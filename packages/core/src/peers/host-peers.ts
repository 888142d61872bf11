import type { HostPeer } from './host-peer.js';

/** How a manager finds those of other hosts. */
export interface HostPeers {
  /** @throws ComputeError `DESTINATION_UNAVAILABLE` when no manager of that host can be reached */
  at(host: string, instanceUuid: string): HostPeer;

  /** Makes this manager known as that of its host, in the place of an earlier one. Called at its start; what it answers at its end. */
  join(host: string, peer: HostPeer): () => void;
}
