import type { ComputeDriver, DriverCapabilities, DriverDefinition } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';

/** A fake driver that declares only some of what it can do. */
export function driverWith(declared: (all: DriverCapabilities) => DriverCapabilities): DriverDefinition {
  return {
    ...(fakeDriver as DriverDefinition),
    create(configuration, environment): ComputeDriver {
      const driver = (fakeDriver as DriverDefinition).create(configuration, environment);
      const capabilities = declared(driver.capabilities);
      return new Proxy(driver, {
        get: (target, key) => {
          const value: unknown = key === 'capabilities' ? capabilities : Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}
