import { ComputeError, type AcceptedAction, type TenantAction } from '@virtkit/core';
import type { Operation } from '@virtkit/driver-fake';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './fake-compute.js';
import { ended } from './running-instance.js';

/** Has something asked, and this process die when the hypervisor is at `at`. Afterwards nothing is planned any more. */
export async function diesAt(
  fake: FakeCompute,
  at: Operation,
  ask: () => Promise<AcceptedAction>,
): Promise<TenantAction> {
  const died = Promise.withResolvers<void>();
  fake.hypervisor.faults.add({ at, fault: { type: 'die', die: died.resolve } });
  const { action } = await fake.settled(ask());
  await fake.settled(died.promise);
  fake.hypervisor.faults.clear();
  return action;
}

/**
 * A process that has died while three instances were being paused. Of the first the driver cannot tell anything, the first three times
 * that it is asked.
 */
export async function diedAmongThree() {
  const dead = await fakeCompute();
  const uuids = [1, 2, 3].map((nth) => `${nth}1111111-2222-4333-8444-555555555555`);
  for (const uuid of uuids) await ended(dead, dead.compute.api.create(tenant, createRequest({ uuid })));
  // The first two hang at the moment the process dies in the third.
  dead.hypervisor.faults.add({ at: 'pauseCpus', times: 2, fault: { type: 'hang', until: 'never' } });
  const [bad = '', second = '', third = ''] = uuids;
  for (const uuid of [bad, second]) await dead.settled(dead.compute.api.pause(tenant, uuid));
  await diesAt(dead, 'pauseCpus', () => dead.compute.api.pause(tenant, third));
  const outage = { type: 'throw', error: new ComputeError('HYPERVISOR_UNAVAILABLE', {}) } as const;
  dead.hypervisor.faults.add({ at: 'inspect', instanceUuid: bad, times: 3, fault: outage });
  return { dead, bad, good: [second, third] };
}
