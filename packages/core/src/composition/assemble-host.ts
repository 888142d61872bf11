import { ResourceClaims } from '../claims/resource-claims.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { DriverEnvironment, DriverEvent } from '../driver/index.js';
import { ExternalEventActions } from '../external-events/external-event-actions.js';
import { ComputeEventInbox } from '../external-events/external-event-inbox.js';
import { guardDriver } from '../guard/guarded-driver.js';
import { guestDriver } from '../guard/guest-driver.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { KnownGenerations } from '../guard/known-generations.js';
import { LastMoment } from '../guard/last-moment.js';
import { ComputeHost } from './compute-host.js';
import { HostLife } from '../host-life/host-life.js';
import { LocalHost } from '../host-life/local-host.js';
import { ComputeManager } from '../manager/compute-manager.js';
import type { ComputeEvents } from '../model/compute-events.js';
import { MoveKeeper } from '../moves/move-keeper.js';
import { BoundedPeers } from '../peers/bounded-peers.js';
import { HostHalf } from '../peers/host-half.js';
import { VolumeConnections } from '../peers/volume-connections.js';
import { managerServices } from '../recorders/manager-services.js';
import { HostModeSwitch } from '../records/host-mode.js';
import { HostTenure } from '../records/host-tenure.js';
import { FailureSettler } from '../runner/failure-settler.js';
import { OperationRunner } from '../runner/operation-runner.js';
import { Quarantine } from '../runner/quarantine.js';
import {
  assembleProviders,
  assembleRecords,
  assembleRequests,
  assembleRouter,
  type SharedPorts,
} from './assemble-requests.js';
import type { Requests } from './assemble-service.js';
import type { CheckedHost } from './host-options.js';
import type { DriverFactory } from './driver-factory.js';

export interface HostPorts extends SharedPorts {
  readonly configuration: CheckedHost;
  readonly createDriver: DriverFactory;
}

/** A host, and the way of a request in its process: a service of the same process uses the same one. */
export interface AssembledHost {
  readonly host: ComputeHost;
  readonly requests: Requests;
}

/**
 * Puts a host together, each part once and after those it stands on. Nothing is started and nothing is connected yet.
 * @throws ComputeError `UNKNOWN_DRIVER`, `DRIVER_INCOMPATIBLE`, `INVALID_CONFIGURATION`
 */
export async function assembleHost(ports: HostPorts): Promise<AssembledHost> {
  const { configuration, clock, log } = ports;
  const { host, hostLife: life, claims: claimed, preemptWaitMs, drainMs } = configuration;

  const records = assembleRecords(ports);
  const { events } = records;
  const lastMoment = new LastMoment(records.closing, clock);
  const peers = new BoundedPeers(ports.peers, lastMoment.signal);
  const inbox = new ComputeEventInbox({ clock });
  const tenure = tenureOf(ports, events, records.store);
  const lanes = new InstanceLanes({ clock, overtakeAfterMs: preemptWaitMs });
  const known = new KnownGenerations((instanceUuid) => lanes.isBusy(instanceUuid));
  const emit = (event: DriverEvent): void => {
    known.handle(event);
    events.emit('driver.event', event);
  };

  const driver = await hostDriver(ports, known, lastMoment.signal, {
    host,
    log,
    clock,
    fence: tenure,
    externalEvents: inbox,
    emit,
  });
  const providers = assembleProviders(ports, configuration, {
    host,
    fence: tenure,
    lastMoment: lastMoment.signal,
  });
  const shared = { host, driver, providers, records, events, clock, log };

  const mode = new HostModeSwitch({ host, configured: life.mode, records });
  const claims = new ResourceClaims({ ...shared, ratios: claimed.ratios });
  const volumes = new VolumeConnections(shared);
  const half = new HostHalf({ ...shared, volumes, claims, mode });
  const moveParts = { ...shared, volumes, half, peers };
  const moves = new MoveKeeper({ ...moveParts, claims, lanes });

  const quarantine = new Quarantine(shared);
  const settler = new FailureSettler({ ...shared, quarantine, tenure, undoMs: configuration.undoMs });
  const runner = new OperationRunner({ ...shared, claims, lanes, quarantine, settler });
  const services = managerServices({ ...shared, onStuck: (instanceUuid) => quarantine.hold(instanceUuid) });
  const manager = new ComputeManager({ ...shared, moves: moveParts, runner, services });
  const dispatcher = new Dispatcher({ ...shared, manager });

  const target = { host, driver, mode, calls: (): LocalHost => calls };
  const queue = { host, dispatcher, quarantine, lanes };
  const way = assembleRequests({ ...ports, peers }, host, records, { target, queue });
  const { acceptance } = way;
  const actions = new ExternalEventActions({ ...shared, inbox, acceptance, manager, lanes });
  const router = assembleRouter(ports, way, records, actions);

  const driverName = configuration.driver.name;
  const hostParts = { ...shared, driverName, mode, claims, acceptance, dispatcher, lanes, quarantine, tenure };
  const hostLife = new HostLife({ ...hostParts, life });
  const calls = new LocalHost({ ...shared, mode, manager, dispatcher, claims, hostLife, router });

  const own = {
    drainMs,
    manager,
    dispatcher,
    inbox,
    router,
    quarantine,
    life: hostLife,
    calls,
    tenure,
    moves,
    lastMoment,
  };
  return { host: new ComputeHost({ ...shared, ...own }), requests: { ...way, router, records, events, providers } };
}

function tenureOf(
  { configuration, clock, log }: HostPorts,
  events: ComputeEvents,
  store: SharedPorts['store'],
): HostTenure {
  const { host, session } = configuration;
  const onLost = (lost: Parameters<Parameters<typeof events.on<'session.lost'>>[1]>[0]): void =>
    void events.emit('session.lost', lost);
  return new HostTenure({ host, ...session, store, clock, log, onLost });
}

/** The driver as the manager calls it: bounded, fenced, and asked only about guests that are meant. */
async function hostDriver(
  ports: HostPorts,
  known: KnownGenerations,
  lastMoment: AbortSignal,
  environment: DriverEnvironment,
) {
  const { driver: choice, driverTimeoutsMs: timeoutsMs, driverGraceMs: graceMs } = ports.configuration;
  const { host, clock, log, fence } = environment;
  const driver = await ports.createDriver(environment);
  const guard = { name: choice.name, clock, log, timeoutsMs, graceMs, fence, lastMoment };
  return guestDriver(guardDriver(driver, guard), known, host);
}
