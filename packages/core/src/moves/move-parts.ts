import type { Clock, DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import type { HostPeer } from '../peers/host-peer.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { VolumeConnections } from '../peers/volume-connections.js';
import type { Records } from '../records/records.js';

/** What a move is led with. */
export interface MoveParts {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly volumes: VolumeConnections;
  readonly records: Records;
  /** This host's half. */
  readonly half: HostPeer;
  readonly peers: HostPeers;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** One end of a move: this host itself, or the manager of the other. @throws ComputeError `DESTINATION_UNAVAILABLE` */
export function endAt({ host: here, half, peers, records }: MoveParts, host: string, instanceUuid: string): HostPeer {
  return host === here ? half : peers.at(host, instanceUuid, records.leader);
}
