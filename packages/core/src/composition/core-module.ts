import { ContainerModule } from 'inversify';
import { ResourceClaims } from '../claims/resource-claims.js';
import type { Clock, DriverDefinition, DriverEnvironment, DriverLog } from '../driver/index.js';
import { ComputeEventInbox } from '../external-events/external-event-inbox.js';
import { guardDriver } from '../guard/guarded-driver.js';
import { guestDriver, type GuestDriver } from '../guard/guest-driver.js';
import { KnownGenerations } from '../guard/known-generations.js';
import { guardProvider } from '../guard/guarded-provider.js';
import { guardStore } from '../guard/guarded-store.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { Providers, type ProviderParts } from '../guard/providers.js';
import { ComputeManager } from '../manager/compute-manager.js';
import { ComputeEvents } from '../model/compute-events.js';
import { MoveKeeper } from '../moves/move-keeper.js';
import type { MoveParts } from '../moves/move-parts.js';
import { HostHalf } from '../peers/host-half.js';
import type { HostPeers } from '../peers/host-peers.js';
import { VolumeConnections } from '../peers/volume-connections.js';
import { managerServices, type ManagerServices } from '../recorders/manager-services.js';
import { HostModeSwitch } from '../records/host-mode.js';
import { HostTenure } from '../records/host-tenure.js';
import { Records } from '../records/records.js';
import { FailureSettler } from '../runner/failure-settler.js';
import { OperationRunner } from '../runner/operation-runner.js';
import { Quarantine } from '../runner/quarantine.js';
import type { ComputeStore } from '../store/compute-store.js';
import { chooseDriver } from './choose-driver.js';
import type { CheckedConfiguration } from './compute-options.js';
import { tokens } from './tokens.js';

/** How the parts of the manager are put together. Everything is made once, when it is first asked for. */
export const coreModule = new ContainerModule(({ bind }) => {
  bind(ComputeEvents)
    .toResolvedValue((log: DriverLog) => new ComputeEvents({ log }), [tokens.log])
    .inSingletonScope();
  bind(ComputeEventInbox)
    .toResolvedValue((clock: Clock) => new ComputeEventInbox({ clock }), [tokens.clock])
    .inSingletonScope();
  bind(Records)
    .toResolvedValue(
      (store: ComputeStore, events: ComputeEvents, clock: Clock, log: DriverLog) =>
        new Records({ store: guardStore(store, { clock, log }), events, clock, log }),
      [tokens.store, ComputeEvents, tokens.clock, tokens.log],
    )
    .inSingletonScope();

  bind(tokens.driverEnvironment)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        log: DriverLog,
        clock: Clock,
        inbox: ComputeEventInbox,
        events: ComputeEvents,
        fence: HostTenure,
        known: KnownGenerations,
      ) => ({
        host,
        log,
        clock,
        fence,
        externalEvents: inbox,
        emit: (event) => {
          known.handle(event);
          events.emit('driver.event', event);
        },
      }),
      [tokens.configuration, tokens.log, tokens.clock, ComputeEventInbox, ComputeEvents, HostTenure, KnownGenerations],
    )
    .inSingletonScope();
  bind(tokens.driver)
    .toResolvedValue(
      async (
        { host, driver, driverTimeoutsMs, driverGraceMs }: CheckedConfiguration,
        definitions: DriverDefinition[],
        environment: DriverEnvironment,
        known: KnownGenerations,
      ) => {
        const chosen = await chooseDriver(driver, definitions, environment);
        const { clock, log, fence } = environment;
        const guarded = guardDriver(chosen, {
          name: driver.name,
          clock,
          log,
          timeoutsMs: driverTimeoutsMs,
          graceMs: driverGraceMs,
          fence,
        });
        return guestDriver(guarded, known, host);
      },
      [
        tokens.configuration,
        { serviceIdentifier: tokens.driverDefinition, isMultiple: true },
        tokens.driverEnvironment,
        KnownGenerations,
      ],
    )
    .inSingletonScope();
  bind(HostTenure)
    .toResolvedValue(
      (
        { host, session }: CheckedConfiguration,
        records: Records,
        events: ComputeEvents,
        clock: Clock,
        log: DriverLog,
      ) =>
        new HostTenure({
          host,
          ...session,
          store: records.store,
          clock,
          log,
          onLost: (lost) => events.emit('session.lost', lost),
        }),
      [tokens.configuration, Records, ComputeEvents, tokens.clock, tokens.log],
    )
    .inSingletonScope();

  bind(Providers)
    .toResolvedValue(
      (
        { images, networks, volumes }: ProviderParts,
        { host, providerTimeoutsMs: timeouts }: CheckedConfiguration,
        fence: HostTenure,
        records: Records,
        clock: Clock,
        log: DriverLog,
      ) => {
        const guard = { host, fence, clock, log, closing: records.closing };
        return new Providers({
          images: images && guardProvider(images, { name: 'images', timeoutMs: timeouts.images, ...guard }),
          networks: networks && guardProvider(networks, { name: 'networks', timeoutMs: timeouts.networks, ...guard }),
          volumes: volumes && guardProvider(volumes, { name: 'volumes', timeoutMs: timeouts.volumes, ...guard }),
        });
      },
      [tokens.providers, tokens.configuration, HostTenure, Records, tokens.clock, tokens.log],
    )
    .inSingletonScope();

  bind(InstanceLanes)
    .toResolvedValue(
      ({ preemptWaitMs }: CheckedConfiguration, clock: Clock) =>
        new InstanceLanes({ clock, overtakeAfterMs: preemptWaitMs }),
      [tokens.configuration, tokens.clock],
    )
    .inSingletonScope();
  bind(KnownGenerations)
    .toResolvedValue(
      (lanes: InstanceLanes) => new KnownGenerations((instanceUuid) => lanes.isBusy(instanceUuid)),
      [InstanceLanes],
    )
    .inSingletonScope();
  bind(ResourceClaims)
    .toResolvedValue(
      (
        { host, claims }: CheckedConfiguration,
        driver: GuestDriver,
        records: Records,
        events: ComputeEvents,
        log: DriverLog,
      ) => new ResourceClaims({ host, ratios: claims.ratios, driver, records, events, log }),
      [tokens.configuration, tokens.driver, Records, ComputeEvents, tokens.log],
    )
    .inSingletonScope();
  bind(tokens.moveParts)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuestDriver,
        providers: Providers,
        records: Records,
        claims: ResourceClaims,
        mode: HostModeSwitch,
        peers: HostPeers,
        clock: Clock,
        log: DriverLog,
      ) => {
        const volumes = new VolumeConnections({ driver, providers, records });
        const half = new HostHalf({ host, driver, volumes, records, claims, mode });
        return { host, driver, providers, volumes, records, half, peers, clock, log };
      },
      [
        tokens.configuration,
        tokens.driver,
        Providers,
        Records,
        ResourceClaims,
        HostModeSwitch,
        tokens.peers,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
  bind(MoveKeeper)
    .toResolvedValue(
      (parts: MoveParts, claims: ResourceClaims, lanes: InstanceLanes, events: ComputeEvents) =>
        new MoveKeeper({ ...parts, claims, lanes, events }),
      [tokens.moveParts, ResourceClaims, InstanceLanes, ComputeEvents],
    )
    .inSingletonScope();
  bind(Quarantine)
    .toResolvedValue(
      (driver: GuestDriver, clock: Clock, log: DriverLog) => new Quarantine({ driver, clock, log }),
      [tokens.driver, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(FailureSettler)
    .toResolvedValue(
      (driver: GuestDriver, quarantine: Quarantine, tenure: HostTenure, log: DriverLog) =>
        new FailureSettler({ driver, quarantine, tenure, log }),
      [tokens.driver, Quarantine, HostTenure, tokens.log],
    )
    .inSingletonScope();
  bind(OperationRunner)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuestDriver,
        providers: Providers,
        records: Records,
        claims: ResourceClaims,
        lanes: InstanceLanes,
        quarantine: Quarantine,
        settler: FailureSettler,
        clock: Clock,
        log: DriverLog,
      ) => new OperationRunner({ host, driver, providers, records, claims, lanes, quarantine, settler, clock, log }),
      [
        tokens.configuration,
        tokens.driver,
        Providers,
        Records,
        ResourceClaims,
        InstanceLanes,
        Quarantine,
        FailureSettler,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
  bind(tokens.managerServices)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        records: Records,
        providers: Providers,
        quarantine: Quarantine,
        clock: Clock,
        log: DriverLog,
      ) => managerServices({ host, records, providers, clock, log, onStuck: (uuid) => quarantine.hold(uuid) }),
      [tokens.configuration, Records, Providers, Quarantine, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(ComputeManager)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuestDriver,
        providers: Providers,
        moves: MoveParts,
        runner: OperationRunner,
        services: ManagerServices,
        records: Records,
        clock: Clock,
        log: DriverLog,
      ) => new ComputeManager({ host, driver, providers, moves, runner, services, records, clock, log }),
      [
        tokens.configuration,
        tokens.driver,
        Providers,
        tokens.moveParts,
        OperationRunner,
        tokens.managerServices,
        Records,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
});
