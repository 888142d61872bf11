import type { CreateRequest, Instance } from '@virtkit/core';
import { createRequest, tenant, type FakeCompute } from './fake-compute.js';

/** Has an instance built, and answers its record. */
export async function builtInstance(fake: FakeCompute, fields: Partial<CreateRequest> = {}): Promise<Instance> {
  const { action, finished } = await fake.settled(fake.compute.api.create(tenant, createRequest(fields)));
  const { state } = await fake.settled(finished);
  if (state !== 'succeeded') throw new Error(`the build has ${state}`);
  return await fake.store.getInstance(action.instanceUuid);
}
