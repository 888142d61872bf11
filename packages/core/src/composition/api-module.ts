import { ContainerModule } from 'inversify';
import { ComputeApi } from '../api/compute-api.js';
import { OperatorApi } from '../api/operator-api.js';
import { ResourceClaims } from '../claims/resource-claims.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Clock, DriverLog } from '../driver/index.js';
import { ComputeEventInbox } from '../external-events/external-event-inbox.js';
import { ExternalEventRouter } from '../external-events/external-event-router.js';
import { type GuestDriver } from '../guard/guest-driver.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { Providers } from '../guard/providers.js';
import { HostLife } from '../host-life/host-life.js';
import { ComputeManager } from '../manager/compute-manager.js';
import { ComputeEvents } from '../model/compute-events.js';
import { MoveKeeper } from '../moves/move-keeper.js';
import { HostModeSwitch } from '../records/host-mode.js';
import { HostTenure } from '../records/host-tenure.js';
import { Records } from '../records/records.js';
import { Acceptance } from '../requests/acceptance.js';
import { Quarantine } from '../runner/quarantine.js';
import type { CheckedConfiguration } from './compute-options.js';
import { Compute } from './compute.js';
import { tokens } from './tokens.js';

/** How requests reach the manager: what accepts them, what carries them out, and the whole that an embedder holds. */
export const apiModule = new ContainerModule(({ bind }) => {
  bind(Dispatcher)
    .toResolvedValue(
      ({ host }: CheckedConfiguration, manager: ComputeManager, records: Records, clock: Clock, log: DriverLog) =>
        new Dispatcher({ host, manager, records, clock, log }),
      [tokens.configuration, ComputeManager, Records, tokens.clock, tokens.log],
    )
    .inSingletonScope();
  bind(Acceptance)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuestDriver,
        dispatcher: Dispatcher,
        quarantine: Quarantine,
        lanes: InstanceLanes,
        mode: HostModeSwitch,
        records: Records,
        clock: Clock,
      ) => new Acceptance({ host, driver, dispatcher, quarantine, lanes, mode, records, clock }),
      [
        tokens.configuration,
        tokens.driver,
        Dispatcher,
        Quarantine,
        InstanceLanes,
        HostModeSwitch,
        Records,
        tokens.clock,
      ],
    )
    .inSingletonScope();
  bind(ComputeApi)
    .toResolvedValue(
      (
        { host, consoleTokenMs, shutdownTimeoutMs, access }: CheckedConfiguration,
        driver: GuestDriver,
        acceptance: Acceptance,
        manager: ComputeManager,
        dispatcher: Dispatcher,
        providers: Providers,
        records: Records,
        clock: Clock,
      ) =>
        new ComputeApi({
          host,
          consoleTokenMs,
          shutdownTimeoutMs,
          hostResources: access.hostResources,
          driver,
          acceptance,
          manager,
          dispatcher,
          providers,
          records,
          clock,
        }),
      [tokens.configuration, tokens.driver, Acceptance, ComputeManager, Dispatcher, Providers, Records, tokens.clock],
    )
    .inSingletonScope();
  bind(OperatorApi)
    .toResolvedValue(
      (
        { host }: CheckedConfiguration,
        driver: GuestDriver,
        manager: ComputeManager,
        claims: ResourceClaims,
        life: HostLife,
        dispatcher: Dispatcher,
        records: Records,
        clock: Clock,
      ) => new OperatorApi({ host, driver, manager, claims, life, dispatcher, records, clock }),
      [
        tokens.configuration,
        tokens.driver,
        ComputeManager,
        ResourceClaims,
        HostLife,
        Dispatcher,
        Records,
        tokens.clock,
      ],
    )
    .inSingletonScope();

  bind(ExternalEventRouter)
    .toResolvedValue(
      (
        inbox: ComputeEventInbox,
        acceptance: Acceptance,
        manager: ComputeManager,
        providers: Providers,
        records: Records,
        lanes: InstanceLanes,
        log: DriverLog,
      ) => new ExternalEventRouter({ inbox, acceptance, manager, providers, records, lanes, log }),
      [ComputeEventInbox, Acceptance, ComputeManager, Providers, Records, InstanceLanes, tokens.log],
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
        driver: GuestDriver,
        events: ComputeEvents,
        inbox: ComputeEventInbox,
        router: ExternalEventRouter,
        quarantine: Quarantine,
        life: HostLife,
        tenure: HostTenure,
        moves: MoveKeeper,
        records: Records,
        providers: Providers,
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
          router,
          quarantine,
          life,
          tenure,
          moves,
          records,
          providers,
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
        ExternalEventRouter,
        Quarantine,
        HostLife,
        HostTenure,
        MoveKeeper,
        Records,
        Providers,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
});
