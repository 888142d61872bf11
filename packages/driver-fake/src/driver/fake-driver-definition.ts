import type { ConfiguredDriver, DriverDefinition, DriverEnvironment } from '@virtkit/core/driver';
import { FakeHypervisor } from '../hypervisor/fake-hypervisor.js';
import { fakeConfiguration, type FakeConfiguration } from './fake-configuration.js';
import { FakeDriver } from './fake-driver.js';

/** Hypervisors that nobody named. They live as long as the configuration they belong to, so that guests outlive drivers. */
const ownHypervisors = new WeakMap<FakeConfiguration, FakeHypervisor>();

/** For configuration by name: `driver: 'fake'`. */
export const fakeDriver: DriverDefinition<FakeConfiguration> = {
  name: 'fake',
  contract: { atLeast: '2.0', below: '3.0' },
  configuration: fakeConfiguration,
  create: (configuration, environment) =>
    new FakeDriver(
      { ...configuration, hypervisor: configuration.hypervisor ?? ownHypervisor(configuration, environment) },
      environment,
    ),
};

/** The driver with its configuration: `createCompute({ driver: fake() })`. Without a hypervisor it has one of its own. */
export function fake(configuration: FakeConfiguration = {}): ConfiguredDriver {
  return { definition: fakeDriver, configuration };
}

function ownHypervisor(configuration: FakeConfiguration, { clock, host }: DriverEnvironment): FakeHypervisor {
  const known = ownHypervisors.get(configuration);
  if (known !== undefined) return known;
  const made = new FakeHypervisor({ clock, hypervisorHostname: host });
  ownHypervisors.set(configuration, made);
  return made;
}
