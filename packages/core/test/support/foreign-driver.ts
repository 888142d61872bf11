import { createCompute, silentLog, type Compute } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';

/** A manager with a driver that an embedder has written: the fake one under a name of its own, and with what is given. */
export async function withForeignDriver(fields: Partial<DriverDefinition>): Promise<Compute> {
  const definition = { ...(fakeDriver as DriverDefinition), name: 'acme', ...fields };
  return await createCompute({ drivers: [definition], driver: { name: 'acme' }, log: silentLog });
}

/** A driver that has what every driver has, declares an ability, and has nothing of it. */
export function braggart(capability: string): Partial<DriverDefinition> {
  return { create: () => bareDriver({ capabilities: { [capability]: true } }) };
}

/** A driver that has no ability and does nothing, and with what is given. */
export function bareDriver(fields: Partial<ComputeDriver> = {}): ComputeDriver {
  const nothing = (): Promise<never> => Promise.reject(new Error('it does nothing'));
  return {
    capabilities: {},
    initHost: () => Promise.resolve(),
    cleanupHost: () => Promise.resolve(),
    spawn: nothing,
    destroy: nothing,
    getInfo: nothing,
    inspect: nothing,
    listInstanceUuids: () => Promise.resolve([]),
    ...fields,
  };
}
