import { silentLog } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition, PauseAbility, PowerAbility } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import type { FakeCompute } from './fake-compute.js';

export type Outsider = ComputeDriver & PauseAbility & PowerAbility;

/** Somebody beside the manager, as an operator with `virsh` is: a driver of its own on the same hypervisor. */
export async function outsider({ hypervisor, clock, settled }: FakeCompute): Promise<Outsider> {
  const driver = (fakeDriver as DriverDefinition).create(
    { hypervisor },
    {
      // Its calls are under no lease of the host's manager.
      host: 'virsh',
      log: silentLog,
      clock,
      fence: { epoch: 1, pass: () => Promise.resolve() },
      externalEvents: { expect: () => Promise.reject(new Error('nobody tells an outsider anything')) } as never,
      emit: () => undefined,
    },
  );
  await settled(driver.initHost({}));
  return driver as Outsider;
}
