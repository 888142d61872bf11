import { requestContext, type AcceptedAction, type RequestContext, type TenantAction } from '@virtkit/core';
import { admin, createRequest, tenant, type FakeCompute, type FakeComputeParts } from './fake-compute.js';
import { providedCompute, type ProvidedCompute } from './memory-providers.js';
import { instanceUuid } from './stories/story.js';

export { instanceUuid };

/** A host on which {@link instanceUuid} runs. */
export async function runningInstance(parts: FakeComputeParts = {}): Promise<ProvidedCompute> {
  const fake = await providedCompute(parts);
  const built = await ended(fake, fake.compute.api.create(tenant, createRequest({ uuid: instanceUuid })));
  if (built.state !== 'succeeded') throw new Error(`the instance was not built: ${built.failure?.message}`);
  fake.hypervisor.journal.clear();
  fake.providerFaults.clearCalls();
  return fake;
}

/** The action at its end, however much time that takes. */
export async function ended(fake: FakeCompute, accepting: Promise<AcceptedAction>): Promise<TenantAction> {
  const { finished } = await fake.settled(accepting);
  return await fake.settled(finished);
}

/** A request of its own, of the instance's owner. */
export function ownerContext(): RequestContext {
  return requestContext({ projectId: tenant.projectId, userId: tenant.userId });
}

/** Everything that the instance's owner can read, in one text. */
export async function tenantText({ compute }: FakeCompute, uuid = instanceUuid): Promise<string> {
  const { api, operator } = compute;
  const notifications = await operator.listNotifications(admin, {
    afterSequence: 0,
    instanceUuid: uuid,
    countMax: 1_000,
  });
  return JSON.stringify([
    (await api.list(tenant)).filter((each) => each.uuid === uuid),
    await api.listActions(tenant, uuid),
    await api.listFaults(tenant, uuid),
    notifications.map(({ payload }) => payload),
  ]);
}

/** The notifications of one request, by their names, in order. */
export async function toldOf({ compute }: FakeCompute, { requestId }: { readonly requestId: string }) {
  const all = await compute.operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 });
  return all.filter((each) => each.requestId === requestId).map(({ eventType }) => eventType);
}
