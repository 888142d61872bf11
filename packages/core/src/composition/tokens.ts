import type { ServiceIdentifier } from 'inversify';
import type { Clock, DriverDefinition, DriverLog } from '../driver/index.js';
import type { ProviderParts } from '../guard/providers.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { AccessPolicy } from '../requests/access-policy.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { PlacementFactory } from './assemble-requests.js';
import type { CheckedConfiguration } from './compute-options.js';
import type { DriverFactory } from './driver-factory.js';

/** The ports of a compute manager by the names under which a container has them. What is rebound under its token replaces ours. */
export const tokens = {
  configuration: token<CheckedConfiguration>('ComputeConfiguration'),
  clock: token<Clock>('Clock'),
  log: token<DriverLog>('DriverLog'),
  /** As the embedder gave it. */
  store: token<ComputeStore>('ComputeStore'),
  /** Bound many times: one for each driver that configuration may name. */
  driverDefinition: token<DriverDefinition>('DriverDefinition'),
  /** Makes the driver of this host. Ours makes the one that configuration names. */
  driver: token<DriverFactory>('DriverFactory'),
  /** Where images, networks and volumes come from, as the embedder gave them. */
  providers: token<ProviderParts>('Providers'),
  /** How other hosts are reached, as the embedder gave it. */
  peers: token<HostPeers>('HostPeers'),
  /** Makes what decides where new instances go. Ours puts them on this process's host. */
  placement: token<PlacementFactory>('PlacementFactory'),
  /** Decides who may do what, as the embedder gave it. */
  accessPolicy: token<AccessPolicy>('AccessPolicy'),
} as const;

function token<Service>(name: string): ServiceIdentifier<Service> {
  return Symbol.for(`virtkit.${name}`);
}
