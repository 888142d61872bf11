import { requestContext, type AcceptedAction, type TenantAction } from '@virtkit/core';
import { expect } from 'vitest';
import { admin, tenant, type FakeComputeParts } from './fake-compute.js';
import { FaultyStore } from './faulty-store.js';
import { providedCompute, type ProvidedCompute } from './memory-providers.js';
import { brokenPromises } from './promises.js';
import { storyOf } from './stories/all-stories.js';
import { instanceUuid } from './stories/story.js';

/** Begins a story's operation, in a context of its own, so that its notifications can be told from those of what went before. */
export async function begin(fake: ProvidedCompute, story: string): Promise<AcceptedAction> {
  const context = requestContext({ projectId: tenant.projectId, userId: tenant.userId });
  return await storyOf(story).begin(fake, context);
}

/** Carries a story's operation out, to its end. */
export async function perform(fake: ProvidedCompute, story: string): Promise<TenantAction> {
  const accepted = await fake.settled(begin(fake, story));
  return await fake.settled(accepted.finished);
}

/** A host where everything that comes before the story has gone well. */
export async function prepared(
  story: string,
  parts: FakeComputeParts = {},
): Promise<{ readonly fake: ProvidedCompute; readonly store: FaultyStore }> {
  const store = new FaultyStore();
  const fake = await providedCompute({ ...parts, store });
  for (const earlier of storyOf(story).before) {
    expect(await perform(fake, earlier), earlier).toMatchObject({ state: 'succeeded' });
  }
  fake.hypervisor.journal.clear();
  fake.providerFaults.clearCalls();
  store.arm();
  return { fake, store };
}

/** What does not work of the way out: a hard reboot that repairs, a delete that leaves nothing. */
export async function wayOutProblems(fake: ProvidedCompute, story: string): Promise<readonly string[]> {
  fake.hypervisor.faults.clear();
  fake.providerFaults.clear();
  if (fake.images.unfinishedIds.length > 0) return ['an unfinished image is left'];
  const instance = await fake.store.getInstance(instanceUuid);
  if (instance.vmState === 'deleted') return [];
  if (storyOf(story).wayOut === 'repair') {
    const { state, failure } = await perform(fake, 'hardReboot');
    if (state !== 'succeeded') return [`the next hard reboot does not repair the instance: ${failure?.message}`];
  }
  const { state, failure } = await perform(fake, 'terminate');
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const { guest, disks, vifs } = fake.hypervisor.look(instanceUuid);
  const isLeft = guest !== undefined || disks.length > 0 || vifs.length > 0;
  const images = await fake.images.listImages({ kind: 'shelved' });
  const [volumes, interfaces] = [fake.volumes.heldBy(instanceUuid), fake.networks.idsOf(instanceUuid)];
  return [
    ...(isLeft ? ['deleting the instance leaves something of it on the host'] : []),
    ...(images.length > 0 ? ['deleting the instance leaves the image it was shelved in'] : []),
    ...(volumes.length > 0 ? ['deleting the instance leaves it a volume'] : []),
    ...(interfaces.length > 0 ? ['deleting the instance leaves it an interface'] : []),
  ];
}

/** Ends the manager, and tells whether anything of it goes on. */
export async function afterlife(fake: ProvidedCompute): Promise<readonly string[]> {
  await fake.settled(fake.compute.close());
  return fake.clock.sleeperCount === 0 ? [] : [`${fake.clock.sleeperCount} waits go on after the end`];
}

/** What a call that has failed does to an operation that was accepted: it has struck, and may be cancelled meanwhile. */
export interface FailingCall {
  readonly plan: { readonly strikes: number };
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true | undefined;
}

/** Waits for the end of an operation in which one call fails. What is not as promised then, on the way out and after a restart; empty for nothing. */
export async function brokenByFailingCall(
  fake: ProvidedCompute,
  story: string,
  accepted: AcceptedAction,
  { plan, planted, cancelled }: FailingCall,
): Promise<readonly string[]> {
  if (cancelled) {
    await fake.clock.advance(500);
    await fake.compute.api.cancel(admin, accepted.action.uuid);
  }
  const action = await fake.settled(accepted.finished);
  // What was set aside is asked about again; that takes a while.
  await fake.clock.advance(120_000);
  return [
    ...(plan.strikes > 0 ? [] : ['the fault did not strike']),
    ...(await brokenPromises({ fake, instanceUuid, action, planted, lostWrites: 'none' })),
    ...(await wayOutProblems(fake, story)),
    ...(await afterlife(fake)),
  ];
}
