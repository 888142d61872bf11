import { ComputeError, createCompute, silentLog, type Compute } from '@virtkit/core';
import type { Capability } from '@virtkit/core/driver';
import { VirtualClock } from '@virtkit/driver-fake';
import { builtInstance } from './built-instance.js';
import { driverWith } from './driver-with.js';
import { createRequest, fakeCompute, tenant } from './fake-compute.js';
import { FaultyStore } from './faulty-store.js';
import { providedCompute, type ProvidedCompute } from './memory-providers.js';
import { ended, instanceUuid, ownerContext } from './running-instance.js';
import { rejectionOf } from './tried-host.js';

/** Why the driver lacks what it lacks. */
const reason = 'this guest cannot do it';

/** What is said of an ability that a driver has not. */
export function unable(capability: Capability): ComputeError<'NOT_SUPPORTED'> {
  return new ComputeError('NOT_SUPPORTED', { capability, reason });
}

/** A host whose driver lacks an ability, with an instance that runs there. Whatever is written or asked of it from now on is counted. */
export async function hostWithout(
  capability: Capability,
): Promise<ProvidedCompute & { readonly compute: Compute; readonly store: FaultyStore }> {
  const clock = new VirtualClock();
  const store = new FaultyStore();
  const able = await providedCompute({ clock, store });
  await ended(able, able.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
  await able.settled(able.compute.close());
  const { images, networks, volumes, hypervisor, settled } = able;
  const compute = await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    session: { takeOver: 'at-once' },
    ...{ clock, store, images, networks, volumes },
    log: silentLog,
    drivers: [driverWith((all) => ({ ...all, [capability]: { unsupportedBecause: reason } }))],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  store.arm();
  hypervisor.journal.clear();
  return { ...able, compute, store, [Symbol.asyncDispose]: () => settled(compute.close()) };
}

/** Everybody who may lack an ability is asked for it: the driver, before and after its word, and the host without a provider. */
export async function everyInability(): Promise<readonly unknown[]> {
  await using host = await hostWithout('pause');
  host.hypervisor.faults.add({ at: 'suspend', fault: { type: 'throw', error: unable('suspend') } });
  await using poor = await fakeCompute();
  const { uuid } = await builtInstance(poor);
  const instance = await host.store.getInstance(instanceUuid);
  return await Promise.all([
    rejectionOf(host.compute.api.pause(tenant, instanceUuid)),
    host.settled(rejectionOf(host.compute.manager.suspendInstance(ownerContext(), instance))),
    rejectionOf(poor.compute.api.images.snapshot(tenant, uuid, { name: 'yesterday' })),
  ]);
}
