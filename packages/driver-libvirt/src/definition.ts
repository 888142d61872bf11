import type { ConfiguredDriver, DriverDefinition } from '@virtkit/core/driver';
import type { z } from 'zod';
import { libvirtConfiguration, type LibvirtConfiguration } from './libvirt-configuration.js';
import { LibvirtDriver } from './libvirt-driver.js';

/** The driver `libvirt`, to be given to a compute manager. */
export const libvirtDriver: DriverDefinition<LibvirtConfiguration> = {
  name: 'libvirt',
  contract: { atLeast: '2.0', below: '3.0' },
  configuration: libvirtConfiguration,
  create: (configuration, environment) => new LibvirtDriver(configuration, environment),
};

/** The driver with its configuration: `createCompute({ driver: libvirt({ … }) })`. What has a default may be left out. */
export function libvirt(configuration: z.input<typeof libvirtConfiguration>): ConfiguredDriver {
  return { definition: libvirtDriver, configuration };
}
