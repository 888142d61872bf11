import { ContainerModule } from 'inversify';
import { ComputeApi } from '../api/compute-api.js';
import { Dispatcher } from '../api/dispatcher.js';
import { OperatorApi } from '../api/operator-api.js';
import { ComputeEvents } from '../compute-events.js';
import type { Clock, DriverDefinition, DriverEnvironment, DriverLog } from '../driver/index.js';
import { guardDriver, type GuardedDriver } from '../guard/guarded-driver.js';
import { guardStore } from '../guard/guarded-store.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { ComputeManager } from '../manager/compute-manager.js';
import { ComputeEventInbox } from '../manager/external-event-inbox.js';
import { FailureSettler } from '../manager/failure-settler.js';
import { OperationRunner } from '../manager/operation-runner.js';
import { PowerStateWatch } from '../manager/power-state-watch.js';
import { Quarantine } from '../manager/quarantine.js';
import { reconcile } from '../manager/reconciler.js';
import { managerServices, type ManagerServices } from '../recorders/manager-services.js';
import { Records } from '../records.js';
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
        new Records({ store: guardStore(store, { clock, log }), events }),
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
      ) => {
        const chosen = await chooseDriver(driver, definitions, environment);
        const { clock, log } = environment;
        return guardDriver(chosen, {
          name: driver.name,
          clock,
          log,
          timeoutsMs: driverTimeoutsMs,
          graceMs: driverGraceMs,
        });
      },
      [
        tokens.configuration,
        { serviceIdentifier: tokens.driverDefinition, isMultiple: true },
        tokens.driverEnvironment,
      ],
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
      (driver: GuardedDriver, records: Records, clock: Clock, log: DriverLog) =>
        new Quarantine({ driver, clock, log, onKnown: (uuid, guest) => reconcile(records, uuid, guest) }),
      [tokens.driver, Records, tokens.clock, tokens.log],
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
      ) => new OperationRunner({ host, driver, records, lanes, quarantine, settler, clock }),
      [tokens.configuration, tokens.driver, Records, InstanceLanes, Quarantine, FailureSettler, tokens.clock],
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
      (driver: GuardedDriver, runner: OperationRunner, services: ManagerServices) =>
        new ComputeManager({ driver, runner, services }),
      [tokens.driver, OperationRunner, tokens.managerServices],
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
      (records: Records, clock: Clock, log: DriverLog) => new Dispatcher({ records, clock, log }),
      [Records, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(ComputeApi)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuardedDriver,
        manager: ComputeManager,
        dispatcher: Dispatcher,
        quarantine: Quarantine,
        records: Records,
        clock: Clock,
      ) => new ComputeApi({ host, driver, manager, dispatcher, quarantine, records, clock }),
      [tokens.configuration, tokens.driver, ComputeManager, Dispatcher, Quarantine, Records, tokens.clock],
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
        Records,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
});
