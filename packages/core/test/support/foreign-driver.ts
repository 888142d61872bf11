import { createCompute, silentLog, type Compute } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';

/** A manager with a driver that an embedder has written: the fake one under a name of its own, and with what is given. */
export async function withForeignDriver(fields: Partial<DriverDefinition>): Promise<Compute> {
  const definition = { ...(fakeDriver as DriverDefinition), name: 'acme', ...fields };
  return await createCompute({ drivers: [definition], driver: { name: 'acme' }, log: silentLog });
}

/** A driver that declares an ability and has nothing. */
export function braggart(capability: string): Partial<DriverDefinition> {
  return { create: () => ({ capabilities: { [capability]: true } }) as unknown as ComputeDriver };
}
