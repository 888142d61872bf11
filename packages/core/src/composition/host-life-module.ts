import { ContainerModule } from 'inversify';
import { ResourceClaims } from '../claims/resource-claims.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Clock, DriverLog } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { Providers } from '../guard/providers.js';
import { HostLife } from '../host-life/host-life.js';
import { ComputeEvents } from '../model/compute-events.js';
import { HostModeSwitch } from '../records/host-mode.js';
import { HostTenure } from '../records/host-tenure.js';
import { Records } from '../records/records.js';
import { Acceptance } from '../requests/acceptance.js';
import { Quarantine } from '../runner/quarantine.js';
import type { CheckedConfiguration } from './compute-options.js';
import { tokens } from './tokens.js';

/** How the life of a host is put together. */
export const hostLifeModule = new ContainerModule(({ bind }) => {
  bind(HostModeSwitch)
    .toResolvedValue(
      ({ host, hostLife }: CheckedConfiguration, records: Records) =>
        new HostModeSwitch({ host, configured: hostLife.mode, records }),
      [tokens.configuration, Records],
    )
    .inSingletonScope();
  bind(HostLife)
    .toResolvedValue(
      (
        { host, hostLife: life }: CheckedConfiguration,
        mode: HostModeSwitch,
        driver: GuestDriver,
        providers: Providers,
        claims: ResourceClaims,
        acceptance: Acceptance,
        dispatcher: Dispatcher,
        lanes: InstanceLanes,
        quarantine: Quarantine,
        tenure: HostTenure,
        records: Records,
        events: ComputeEvents,
        clock: Clock,
        log: DriverLog,
      ) =>
        new HostLife({
          host,
          life,
          mode,
          driver,
          providers,
          claims,
          acceptance,
          dispatcher,
          lanes,
          quarantine,
          tenure,
          records,
          events,
          clock,
          log,
        }),
      [
        tokens.configuration,
        HostModeSwitch,
        tokens.driver,
        Providers,
        ResourceClaims,
        Acceptance,
        Dispatcher,
        InstanceLanes,
        Quarantine,
        HostTenure,
        Records,
        ComputeEvents,
        tokens.clock,
        tokens.log,
      ],
    )
    .inSingletonScope();
});
