import type { HostCalls, HostProtocol } from './host-calls.js';
import type { HostPeer } from './host-peer.js';

/**
 * In whose name a peer is asked: the manager that leads the move, by its session of its own host. Who was replaced there bears an epoch that
 * has passed, and nothing is changed for it any more.
 */
export interface MoveLeader {
  readonly host: string;
  readonly epoch: number;
}

/** What a host makes known of itself to the others. */
export interface HostMember {
  readonly protocol: HostProtocol;
  /** What services ask. */
  readonly calls: HostCalls;
  /** What a leader of a migration asks. */
  readonly half: (leader: MoveLeader) => HostPeer;
}

/** How services and managers reach the hosts of other processes. A transport carries the leader with each call of a migration. */
export interface HostPeers {
  /**
   * The manager of that host, as the leader asks it. Asks nothing by itself.
   * @throws ComputeError `DESTINATION_UNAVAILABLE` when it is known that none can be reached
   */
  at(host: string, instanceUuid: string, leader: MoveLeader): HostPeer;

  /** That host, as a service asks it. Asks nothing by itself; a host that cannot be reached makes the calls reject with `HOST_UNAVAILABLE`. */
  host(host: string): HostCalls;

  /** Makes this host known, in the place of an earlier member of its name. Called at its start; the answer is called at its end. */
  join(host: string, member: HostMember): () => void;
}
