import { ComputeApi } from '../api/compute-api.js';
import { OperatorApi } from '../api/operator-api.js';
import { ResourceClaims } from '../claims/resource-claims.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Clock, DriverEnvironment, DriverEvent, DriverLog } from '../driver/index.js';
import { ComputeEventInbox } from '../external-events/external-event-inbox.js';
import { ExternalEventRouter } from '../external-events/external-event-router.js';
import { guardDriver } from '../guard/guarded-driver.js';
import { guardProvider } from '../guard/guarded-provider.js';
import { guardStore } from '../guard/guarded-store.js';
import { guestDriver } from '../guard/guest-driver.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { KnownGenerations } from '../guard/known-generations.js';
import { Providers, type ProviderParts } from '../guard/providers.js';
import { HostLife } from '../host-life/host-life.js';
import { ComputeManager } from '../manager/compute-manager.js';
import { ComputeEvents } from '../model/compute-events.js';
import { MoveKeeper } from '../moves/move-keeper.js';
import { HostHalf } from '../peers/host-half.js';
import type { HostPeers } from '../peers/host-peers.js';
import { VolumeConnections } from '../peers/volume-connections.js';
import { managerServices } from '../recorders/manager-services.js';
import { HostModeSwitch } from '../records/host-mode.js';
import { HostTenure } from '../records/host-tenure.js';
import { Records } from '../records/records.js';
import { Acceptance } from '../requests/acceptance.js';
import { FailureSettler } from '../runner/failure-settler.js';
import { OperationRunner } from '../runner/operation-runner.js';
import { Quarantine } from '../runner/quarantine.js';
import type { ComputeStore } from '../store/compute-store.js';
import type { CheckedConfiguration } from './compute-options.js';
import { Compute } from './compute.js';
import type { DriverFactory } from './driver-factory.js';

/** What a compute manager stands on. Each is bound in the container under its token, and may be rebound there. */
export interface ComputePorts {
  readonly configuration: CheckedConfiguration;
  readonly createDriver: DriverFactory;
  readonly store: ComputeStore;
  readonly providers: ProviderParts;
  readonly peers: HostPeers;
  readonly clock: Clock;
  readonly log: DriverLog;
}

/**
 * Puts a compute manager together, each part once and after those it stands on. Nothing is started and nothing is connected yet.
 * @throws ComputeError `UNKNOWN_DRIVER`, `DRIVER_INCOMPATIBLE`, `INVALID_CONFIGURATION`
 */
export async function assemble(ports: ComputePorts): Promise<Compute> {
  const { configuration, peers, clock, log } = ports;
  const { host, hostLife: life, claims: claimed, access, preemptWaitMs } = configuration;

  const events = new ComputeEvents({ log });
  const inbox = new ComputeEventInbox({ clock });
  const records = new Records({ store: guardStore(ports.store, { clock, log }), events, clock, log });
  const tenure = new HostTenure({
    host,
    ...configuration.session,
    store: records.store,
    clock,
    log,
    onLost: (lost) => events.emit('session.lost', lost),
  });
  const lanes = new InstanceLanes({ clock, overtakeAfterMs: preemptWaitMs });
  const known = new KnownGenerations((instanceUuid) => lanes.isBusy(instanceUuid));
  const emit = (event: DriverEvent): void => {
    known.handle(event);
    events.emit('driver.event', event);
  };

  const driver = await hostDriver(ports, known, { host, log, clock, fence: tenure, externalEvents: inbox, emit });
  const providers = guardedProviders(ports, tenure, records);
  const shared = { host, driver, providers, records, clock, log };

  const mode = new HostModeSwitch({ host, configured: life.mode, records });
  const claims = new ResourceClaims({ ...shared, ratios: claimed.ratios, events });
  const volumes = new VolumeConnections(shared);
  const half = new HostHalf({ ...shared, volumes, claims, mode });
  const moveParts = { ...shared, volumes, half, peers };
  const moves = new MoveKeeper({ ...moveParts, claims, lanes, events });

  const quarantine = new Quarantine(shared);
  const settler = new FailureSettler({ ...shared, quarantine, tenure, undoMs: configuration.undoMs });
  const runner = new OperationRunner({ ...shared, claims, lanes, quarantine, settler });
  const services = managerServices({ ...shared, onStuck: (instanceUuid) => quarantine.hold(instanceUuid) });
  const manager = new ComputeManager({ ...shared, moves: moveParts, runner, services });

  const dispatcher = new Dispatcher({ ...shared, manager });
  const acceptance = new Acceptance({ ...shared, dispatcher, quarantine, lanes, mode });
  const { consoleTokenMs, shutdownTimeoutMs, drainMs } = configuration;
  const { hostResources } = access;
  const limits = { consoleTokenMs, shutdownTimeoutMs, hostResources };
  const api = new ComputeApi({ ...shared, ...limits, acceptance, manager, dispatcher });
  const hostParts = { ...shared, life, mode, claims, acceptance, dispatcher, lanes, quarantine, tenure, events };
  const hostLife = new HostLife(hostParts);
  const operator = new OperatorApi({ ...shared, manager, claims, life: hostLife, dispatcher });
  const router = new ExternalEventRouter({ ...shared, inbox, acceptance, manager, lanes });

  return new Compute({
    ...shared,
    drainMs,
    api,
    operator,
    manager,
    dispatcher,
    events,
    inbox,
    router,
    quarantine,
    life: hostLife,
    tenure,
    moves,
  });
}

/** The driver as the manager calls it: bounded, fenced, and asked only about guests that are meant. */
async function hostDriver(ports: ComputePorts, known: KnownGenerations, environment: DriverEnvironment) {
  const { driver: choice, driverTimeoutsMs: timeoutsMs, driverGraceMs: graceMs } = ports.configuration;
  const { host, clock, log, fence } = environment;
  const driver = await ports.createDriver(environment);
  return guestDriver(guardDriver(driver, { name: choice.name, clock, log, timeoutsMs, graceMs, fence }), known, host);
}

/** The providers as the manager calls them: bounded and fenced. */
function guardedProviders({ configuration, providers, clock, log }: ComputePorts, fence: HostTenure, records: Records) {
  const { images, networks, volumes } = providers;
  const { host, providerTimeoutsMs } = configuration;
  const guard = <Name extends keyof ProviderParts>(name: Name) => ({
    name,
    timeoutMs: providerTimeoutsMs[name],
    host,
    fence,
    clock,
    log,
    closing: records.closing,
  });
  return new Providers({
    images: images && guardProvider(images, guard('images')),
    networks: networks && guardProvider(networks, guard('networks')),
    volumes: volumes && guardProvider(volumes, guard('volumes')),
  });
}
