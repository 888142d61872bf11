import type { HostPeer } from './host-peer.js';

/**
 * In whose name a peer is asked: the manager that leads the move, by its session of its own host. Who was replaced there bears an epoch that
 * has passed, and nothing is changed for it any more.
 */
export interface MoveLeader {
  readonly host: string;
  readonly epoch: number;
}

/** How a manager finds those of other hosts. Whatever carries the calls carries the leader with each of them. */
export interface HostPeers {
  /**
   * The manager of that host, as the leader asks it. Asks nothing by itself.
   * @throws ComputeError `DESTINATION_UNAVAILABLE` when it is known that none can be reached
   */
  at(host: string, instanceUuid: string, leader: MoveLeader): HostPeer;

  /**
   * Makes this manager known as that of its host, in the place of an earlier one. Called at its start; what it answers at its end.
   * `half` gives what is asked in the name of a leader.
   */
  join(host: string, half: (leader: MoveLeader) => HostPeer): () => void;
}
