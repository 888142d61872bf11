import { requestContext, type InstanceAction } from '@virtkit/core';
import { tenant } from '../support/fake-compute.js';
import type { ProvidedCompute } from '../support/memory-providers.js';
import type { Story } from '../support/stories/story.js';

/**
 * Begins an operation and waits for its end. Its context is its own, so that its notifications can be told from those of what went before.
 * @throws ProcessDied
 */
export async function perform(
  fake: ProvidedCompute,
  begin: Story['begin'],
  role: 'tenant' | 'admin' = 'tenant',
): Promise<InstanceAction> {
  const { projectId, userId } = tenant;
  const accepted = await begin(fake, requestContext({ projectId, userId, role }));
  await accepted.finished;
  return await fake.store.getAction(accepted.action.uuid);
}

/** The same for what goes before the operation that a test is about. @throws Error when it fails */
export async function performed(fake: ProvidedCompute, begin: Story['begin']): Promise<void> {
  const { state, operation, failure } = await perform(fake, begin);
  if (state !== 'succeeded') throw new Error(`${operation} fails before anybody dies: ${failure?.message}`);
}
