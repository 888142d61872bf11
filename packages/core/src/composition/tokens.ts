import type { ServiceIdentifier } from 'inversify';
import type { Clock, DriverDefinition, DriverEnvironment, DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { ProviderParts } from '../guard/providers.js';
import type { MoveParts } from '../moves/move-parts.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { ManagerServices } from '../recorders/manager-services.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { CheckedConfiguration } from './compute-options.js';

/** Names for what is bound and is no class; classes are bound under themselves. */
export const tokens = {
  configuration: token<CheckedConfiguration>('ComputeConfiguration'),
  clock: token<Clock>('Clock'),
  log: token<DriverLog>('DriverLog'),
  /** As the embedder gave it. */
  store: token<ComputeStore>('ComputeStore'),
  /** Bound many times: one for each driver that configuration may name. */
  driverDefinition: token<DriverDefinition>('DriverDefinition'),
  driverEnvironment: token<DriverEnvironment>('DriverEnvironment'),
  driver: token<GuestDriver>('GuestDriver'),
  /** Where images, networks and volumes come from, as the embedder gave them. */
  providers: token<ProviderParts>('Providers'),
  /** How the managers of other hosts are found, as the embedder gave it. */
  peers: token<HostPeers>('HostPeers'),
  moveParts: token<MoveParts>('MoveParts'),
  managerServices: token<ManagerServices>('ManagerServices'),
} as const;

function token<Service>(name: string): ServiceIdentifier<Service> {
  return Symbol.for(`virtkit.${name}`);
}
