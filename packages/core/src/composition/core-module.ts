import { ContainerModule } from 'inversify';
import { ComputeApi } from '../api/compute-api.js';
import { Acceptance } from '../api/acceptance.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { OperatorApi } from '../api/operator-api.js';
import { ComputeEvents } from '../compute-events.js';
import type { Clock, DriverDefinition, DriverEnvironment, DriverLog } from '../driver/index.js';
import { guardDriver, type GuardedDriver } from '../guard/guarded-driver.js';
import { guardStore } from '../guard/guarded-store.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { ComputeManager } from '../manager/compute-manager.js';
import { ComputeEventInbox } from '../manager/external-event-inbox.js';
import { Providers, type ProviderParts } from '../manager/providers.js';
import { guardProvider } from '../guard/guarded-provider.js';
import { HostTenure } from '../manager/host-tenure.js';
import { FailureSettler } from '../manager/failure-settler.js';
import { OperationRunner } from '../manager/operation-runner.js';
import { PowerStateWatch } from '../manager/power-state-watch.js';
import { Quarantine } from '../manager/quarantine.js';
import { managerServices, type ManagerServices } from '../recorders/manager-services.js';
import { Records } from '../records/records.js';
import type { ComputeStore } from '../store/compute-store.js';
import { chooseDriver } from './choose-driver.js';
import { Compute } from './compute.js';
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
      ) => ({
        host,
        log,
        clock,
        externalEvents: inbox,
        emit: (event) => events.emit('driver.event', event),
      }),
      [tokens.configuration, tokens.log, tokens.clock, ComputeEventInbox, ComputeEvents],
    )
    .inSingletonScope();
  bind(tokens.driver)
    .toResolvedValue(
      async (
        { driver, driverTimeoutsMs, driverGraceMs }: CheckedConfiguration,
        definitions: DriverDefinition[],
        environment: DriverEnvironment,
        tenure: HostTenure,
      ) => {
        const chosen = await chooseDriver(driver, definitions, environment);
        const { clock, log } = environment;
        return guardDriver(chosen, {
          name: driver.name,
          clock,
          log,
          timeoutsMs: driverTimeoutsMs,
          graceMs: driverGraceMs,
          mayChange: () => tenure.isHeld,
        });
      },
      [
        tokens.configuration,
        { serviceIdentifier: tokens.driverDefinition, isMultiple: true },
        tokens.driverEnvironment,
        HostTenure,
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
      ({ images, networks, volumes }: ProviderParts, clock: Clock, log: DriverLog) =>
        new Providers({
          images: images && guardProvider(images, { name: 'images', clock, log }),
          networks: networks && guardProvider(networks, { name: 'networks', clock, log }),
          volumes: volumes && guardProvider(volumes, { name: 'volumes', clock, log }),
        }),
      [tokens.providers, tokens.clock, tokens.log],
    )
    .inSingletonScope();

  bind(InstanceLanes)
    .toResolvedValue(
      ({ driverGraceMs }: CheckedConfiguration, clock: Clock) =>
        // A cancelled driver call settles within its grace; as much again for the records of it.
        new InstanceLanes({ clock, overtakeAfterMs: 2 * driverGraceMs }),
      [tokens.configuration, tokens.clock],
    )
    .inSingletonScope();
  bind(Quarantine)
    .toResolvedValue(
      (driver: GuardedDriver, clock: Clock, log: DriverLog) => new Quarantine({ driver, clock, log }),
      [tokens.driver, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(FailureSettler)
    .toResolvedValue(
      (driver: GuardedDriver, quarantine: Quarantine, log: DriverLog) =>
        new FailureSettler({ driver, quarantine, log }),
      [tokens.driver, Quarantine, tokens.log],
    )
    .inSingletonScope();
  bind(OperationRunner)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuardedDriver,
        records: Records,
        lanes: InstanceLanes,
        quarantine: Quarantine,
        settler: FailureSettler,
        clock: Clock,
        log: DriverLog,
      ) => new OperationRunner({ host, driver, records, lanes, quarantine, settler, clock, log }),
      [
        tokens.configuration,
        tokens.driver,
        Records,
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
      ({ host }: CheckedConfiguration, records: Records, quarantine: Quarantine, clock: Clock, log: DriverLog) =>
        managerServices({ host, records, clock, log, onStuck: (uuid) => quarantine.hold(uuid) }),
      [tokens.configuration, Records, Quarantine, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(ComputeManager)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuardedDriver,
        providers: Providers,
        runner: OperationRunner,
        services: ManagerServices,
        records: Records,
        clock: Clock,
        log: DriverLog,
      ) => new ComputeManager({ host, driver, providers, runner, services, records, clock, log }),
      [
        tokens.configuration,
        tokens.driver,
        Providers,
        OperationRunner,
        tokens.managerServices,
        Records,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
  bind(PowerStateWatch)
    .toResolvedValue(
      ({ host }: CheckedConfiguration, driver: GuardedDriver, records: Records, lanes: InstanceLanes, log: DriverLog) =>
        new PowerStateWatch({ host, driver, records, lanes, log }),
      [tokens.configuration, tokens.driver, Records, InstanceLanes, tokens.log],
    )
    .inSingletonScope();

  bind(Dispatcher)
    .toResolvedValue(
      (manager: ComputeManager, records: Records, clock: Clock, log: DriverLog) =>
        new Dispatcher({ manager, records, clock, log }),
      [ComputeManager, Records, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(Acceptance)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuardedDriver,
        dispatcher: Dispatcher,
        quarantine: Quarantine,
        records: Records,
        clock: Clock,
      ) => new Acceptance({ host, driver, dispatcher, quarantine, records, clock }),
      [tokens.configuration, tokens.driver, Dispatcher, Quarantine, Records, tokens.clock],
    )
    .inSingletonScope();
  bind(ComputeApi)
    .toResolvedValue(
      (acceptance: Acceptance, manager: ComputeManager, dispatcher: Dispatcher, records: Records, clock: Clock) =>
        new ComputeApi({ acceptance, manager, dispatcher, records, clock }),
      [Acceptance, ComputeManager, Dispatcher, Records, tokens.clock],
    )
    .inSingletonScope();
  bind(OperatorApi)
    .toResolvedValue(
      (records: Records, manager: ComputeManager) => new OperatorApi({ records, manager }),
      [Records, ComputeManager],
    )
    .inSingletonScope();

  bind(Compute)
    .toResolvedValue(
      (
        { host, drainMs }: CheckedConfiguration,
        api: ComputeApi,
        operator: OperatorApi,
        manager: ComputeManager,
        dispatcher: Dispatcher,
        driver: GuardedDriver,
        events: ComputeEvents,
        inbox: ComputeEventInbox,
        quarantine: Quarantine,
        watch: PowerStateWatch,
        tenure: HostTenure,
        records: Records,
        clock: Clock,
        log: DriverLog,
      ) =>
        new Compute({
          host,
          drainMs,
          api,
          operator,
          manager,
          dispatcher,
          driver,
          events,
          inbox,
          quarantine,
          watch,
          tenure,
          records,
          clock,
          log,
        }),
      [
        tokens.configuration,
        ComputeApi,
        OperatorApi,
        ComputeManager,
        Dispatcher,
        tokens.driver,
        ComputeEvents,
        ComputeEventInbox,
        Quarantine,
        PowerStateWatch,
        HostTenure,
        Records,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
});
