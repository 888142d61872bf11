import { ContainerModule } from 'inversify';
import { Acceptance } from '../api/acceptance.js';
import { ResourceClaims } from '../claims/resource-claims.js';
import { ComputeEvents } from '../compute-events.js';
import type { CheckedConfiguration } from './compute-options.js';
import { tokens } from './tokens.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Clock, DriverLog } from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import { InstanceLanes } from '../guard/instance-lanes.js';
import { HostTenure } from '../manager/host-tenure.js';
import { Providers } from '../manager/providers.js';
import { Quarantine } from '../manager/quarantine.js';
import { Records } from '../records/records.js';
import { HostLife } from '../host-life/host-life.js';
import { HostModeSwitch } from '../host-life/host-mode.js';

/** How the life of a host is put together. */
export const hostLifeModule = new ContainerModule(({ bind }) => {
  bind(HostModeSwitch)
    .toResolvedValue(({ hostLife }: CheckedConfiguration) => new HostModeSwitch(hostLife.mode), [tokens.configuration])
    .inSingletonScope();
  bind(HostLife)
    .toResolvedValue(
      (
        { host, hostLife: life }: CheckedConfiguration,
        mode: HostModeSwitch,
        driver: GuardedDriver,
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
