import { ActionEnds } from '../dispatch/action-ends.js';
import type { Clock, DriverFence, DriverLog } from '../driver/index.js';
import { guardProvider } from '../guard/guarded-provider.js';
import { guardStore } from '../guard/guarded-store.js';
import { Providers, type ProviderParts } from '../guard/providers.js';
import { ComputeEvents } from '../model/compute-events.js';
import type { HostPeers } from '../peers/host-peers.js';
import { Records } from '../records/records.js';
import { Acceptance, type OwnQueue } from '../requests/acceptance.js';
import { Access } from '../requests/access.js';
import type { AccessPolicy } from '../requests/access-policy.js';
import { ExternalEventRouter, type OwnEvents } from '../requests/external-event-router.js';
import { Hosts, type OwnHost } from '../requests/hosts.js';
import type { Placement } from '../requests/placement.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { CheckedShared } from './shared-options.js';

/** Makes what decides where new instances go. */
export type PlacementFactory = (environment: PlacementEnvironment) => Placement;

export interface PlacementEnvironment {
  readonly store: ComputeStore;
  readonly clock: Clock;
}

/** What a service and a host both stand on. Each is bound in the container under its token, and may be rebound there. */
export interface SharedPorts {
  readonly store: ComputeStore;
  readonly providers: ProviderParts;
  readonly peers: HostPeers;
  readonly createPlacement: PlacementFactory;
  readonly accessPolicy: AccessPolicy;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/** How a process reads and writes. */
export function assembleRecords({ store, clock, log }: SharedPorts): Records {
  return new Records({ store: guardStore(store, { clock, log }), events: new ComputeEvents({ log }), clock, log });
}

/** The providers as a process calls them: bounded, and what changes something fenced. */
export function assembleProviders(
  { providers, clock, log }: SharedPorts,
  { providerTimeoutsMs }: CheckedShared,
  {
    host,
    fence,
    lastMoment,
  }: { readonly host: string; readonly fence: DriverFence; readonly lastMoment?: AbortSignal },
): Providers {
  const { images, networks, volumes } = providers;
  const guard = <Name extends keyof ProviderParts>(name: Name) => ({
    name,
    timeoutMs: providerTimeoutsMs[name],
    host,
    fence,
    clock,
    log,
    ...(lastMoment && { lastMoment }),
  });
  return new Providers({
    images: images && guardProvider(images, guard('images')),
    networks: networks && guardProvider(networks, guard('networks')),
    volumes: volumes && guardProvider(volumes, guard('volumes')),
  });
}

/** What this process's host adds to the way of a request. */
export interface OwnSide {
  readonly target: OwnHost;
  readonly queue: OwnQueue;
}

/** The way of a request, whoever makes it: a caller of the API, an external event, or the host itself. */
export interface RequestParts {
  readonly access: Access;
  readonly hosts: Hosts;
  readonly placement: Placement;
  readonly acceptance: Acceptance;
  readonly ends: Pick<ActionEnds, 'finished'>;
  readonly stopWaiting: () => void;
}

/** `name`: who writes, in events and notifications. `own` is left out in a process without a host. */
export function assembleRequests(ports: SharedPorts, name: string, records: Records, own?: OwnSide): RequestParts {
  const { clock, log, peers, createPlacement, accessPolicy } = ports;
  const shared = { records, clock, log };
  const access = new Access({ policy: accessPolicy, log });
  const hosts = new Hosts({ own: own?.target, peers, records });
  const placement = createPlacement({ store: records.store, clock });
  const dispatcher = own?.queue.dispatcher;
  const ends = dispatcher ?? new ActionEnds({ ...shared, host: name });
  const acceptance = new Acceptance({ ...shared, access, hosts, placement, ends, own: own?.queue });
  const stopWaiting = (): void => (ends instanceof ActionEnds ? ends.stop() : ends.stopWaiting());
  return { access, hosts, placement, acceptance, ends, stopWaiting };
}

/** Where external events go. `own` is left out in a process without a host. */
export function assembleRouter(
  { log }: SharedPorts,
  { hosts }: RequestParts,
  records: Records,
  own?: OwnEvents,
): ExternalEventRouter {
  return new ExternalEventRouter({ own, hosts, records, log });
}
