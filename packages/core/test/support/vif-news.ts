import type { ExternalEvent } from '@virtkit/core';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './fake-compute.js';
import { instanceUuid } from './running-instance.js';

const id = '00000000-0000-4000-8000-000000000001';

/** What a network says when it is ready for the instance's interface. */
export const plugged: ExternalEvent = { name: 'network-vif-plugged', tag: id, instanceUuid, status: 'completed' };

/** An instance whose every start waits for its network to be ready. */
const waitsForItsNetwork = createRequest({
  uuid: instanceUuid,
  networkInterfaces: [{ type: 'user', id, macAddress: '52:54:00:00:00:01', status: 'down' }],
});

/** Its network was quicker than the build, which has had ten seconds since. */
export async function builtWithEarlyNews(): Promise<FakeCompute> {
  const fake = await fakeCompute();
  fake.hypervisor.faults.add({ at: 'plugVif', fault: { type: 'delay', delayMs: 1_000 } });
  await fake.compute.api.create(tenant, waitsForItsNetwork);
  fake.compute.deliver(plugged);
  await fake.clock.advance(10_000);
  return fake;
}
